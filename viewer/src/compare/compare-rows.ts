import type { ProfileDiff } from '../../../src/analysis/diff.js'
import { callsForPeople, functionsForPeople } from '../../../src/analysis/diff-rows.js'
import type { FrameIndex } from '../../../src/profile/profile.js'

/** One line of a comparison. */
export interface CompareRow {
  readonly frame: FrameIndex
  /** Index into the changes that the row is of. */
  readonly index: number
  readonly depth: number
}

/** The functions whose time changed, the largest change first. */
export function functionRows(diff: ProfileDiff): CompareRow[] {
  const functions = functionsForPeople(diff, leastChange(diff)).slice(0, MOST)
  return functions.map((frame) => ({ frame, index: frame, depth: 0 }))
}

/** The calls whose time changed, as a tree. */
export function callRows(diff: ProfileDiff): CompareRow[] {
  const { frame } = diff.profile.stacks
  const calls = callsForPeople(diff, leastChange(diff)).slice(0, MOST)
  return calls.map(({ stack, depth }) => ({ frame: frame[stack]!, index: stack, depth }))
}

// --- internal ---

/** Lines that are shown at most. */
const MOST = 300
/** Changes under this share of the slower side are noise to the eye. */
const LEAST_SHARE = 0.005

function leastChange({ before, after }: ProfileDiff): number {
  return LEAST_SHARE * Math.max(before.perRequest, after.perRequest)
}
