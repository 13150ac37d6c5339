/**
 * profview as a library. Importing it starts nothing and loads neither a server nor the native
 * sampler; what reads, compares and shows profiles is loaded when it is first called.
 */
import { createRequire } from 'node:module'

export type { DiffSide, ProfileDiff } from './analysis/diff.js'
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
export { annotate, currentProfileId } from './recorder/annotate.js'
export type { Annotation } from './recorder/annotation.js'
export type { ProfilerCounts } from './recorder/handling.js'
export type { FunctionOptions } from './recorder/jobs/job-options.js'
export { profile } from './recorder/jobs/profile-function.js'
export type { Logger } from './recorder/logger.js'
export type { Mode } from './recorder/option-values.js'
export type { Limits, ProfileInfo } from './recorder/options.js'
export type { TextOptions } from './render/text.js'
export type { ReadLimits } from './store/profile-file.js'
export type { StoreLimits } from './store/retention.js'

type Tools = typeof import('./tools.js')

export const readProfile: Tools['readProfile'] = (...args) => tools().readProfile(...args)
export const writeProfile: Tools['writeProfile'] = (...args) => tools().writeProfile(...args)
export const mergeProfiles: Tools['mergeProfiles'] = (...args) => tools().mergeProfiles(...args)
export const diffProfiles: Tools['diffProfiles'] = (...args) => tools().diffProfiles(...args)
export const renderText: Tools['renderText'] = (...args) => tools().renderText(...args)
export const renderHtml: Tools['renderHtml'] = (...args) => tools().renderHtml(...args)

// --- internal ---

const require = createRequire(import.meta.url)

function tools(): Tools {
  return require('./tools.js')
}
