/**
 * profview as a library. Importing it starts nothing and loads neither a server nor the native
 * sampler.
 */

export { type DiffSide, diffProfiles, type ProfileDiff } from './analysis/diff.js'
export type { Changes } from './analysis/diff-changes.js'
export { type ErrorCode, ProfviewError } from './errors.js'
export {
  type ExpressOptions as ProfilerOptions,
  type ExpressRequest,
  type ProfilerMiddleware,
  profiler,
} from './middleware/express.js'
export type {
  DumpMeta,
  Frame,
  Labels,
  Ledger,
  ProcessMeta,
  Profile,
  RequestMeta,
  SampleTable,
  StackTable,
  Unit,
} from './profile/profile.js'
export type { Logger } from './recorder/logger.js'
export type { Mode } from './recorder/option-values.js'
export type { Limits, ProfileInfo } from './recorder/options.js'
export { type FunctionOptions, profile } from './recorder/profile-function.js'
export type { ProfilerCounts } from './recorder/requests.js'
export { renderHtml } from './render/html.js'
export { renderText, type TextOptions } from './render/text.js'
export {
  type ReadLimits,
  readProfileFile as readProfile,
  writeProfileFile as writeProfile,
} from './store/profile-file.js'
export type { StoreLimits } from './store/retention.js'
export { mergeProfiles } from './transform/merge.js'
