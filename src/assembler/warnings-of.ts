import { CUT } from '../profile/frames.js'
import type { Profile, Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import type { Finished } from '../sampler/window.js'
import type { Slice } from './slice.js'
import type { WholeProcess } from './whole-process.js'

/** What the dump says of itself, with what only the assembler knows. */
export function warningsOf(
  { start, end, meta }: Finished,
  slice: Slice,
  whole: WholeProcess | null,
): readonly Warning[] {
  const warnings = [...meta.warnings]
  const forgotten = Math.min(end, slice.knownFrom) - start
  // What says so itself never knew more.
  const isUnasked = warnings.some(({ code }) => code === 'not-asked')
  if (forgotten >= 1 && !isUnasked) {
    const text = `nothing is known of its first ${Math.round(forgotten)} ms any more`
    warnings.push(warning('forgotten', text))
  }
  const unfollowedMs = Math.round(whole?.unfollowedMs ?? 0)
  if (unfollowedMs >= 1) {
    const text = `for ${unfollowedMs} ms of it awaits were not followed, because there were too many: they have no names`
    warnings.push(warning('no-awaits', text))
  }
  if (!slice.hasCpuTime) warnings.push(NO_CPU_TIME)
  return warnings
}

/** Where stacks were cut because too many were different, the dump says how much of it that is. */
export function withCuts(profile: Profile): Profile {
  const { frames, stacks, samples } = profile
  const cut = frames.findIndex(({ name, file }) => name === CUT && file === '')
  if (cut === -1) return profile
  const isCut = new Uint8Array(stacks.frame.length)
  let micros = 0
  // Callers come before who they call.
  for (let i = 1; i < isCut.length; i++)
    if (stacks.frame[i] === cut || isCut[stacks.parent[i]!]) isCut[i] = 1
  for (let i = 0; i < samples.stack.length; i++)
    if (isCut[samples.stack[i]!]) micros += samples.weight[i]!
  const text = `of ${Math.round(micros / 1000)} ms the deepest calls are not known: more different stacks ran than are kept`
  const said = warning('cut-stacks', text)
  const sources = profile.sources.map((source) => ({
    ...source,
    warnings: [...source.warnings, said],
  }))
  return { ...profile, sources, warnings: [...profile.warnings, text] }
}

// --- internal ---

const NO_CPU_TIME = warning(
  'no-cpu-time',
  'cpu may hold time off the CPU: this system does not tell a thread’s CPU time',
)
