import { upToBelow } from '../analysis/up-to.js'
import type { StackTimes } from '../profile/calltree.js'
import type { StackIndex } from '../profile/profile.js'
import { isBlocked } from '../profile/stack-waits.js'
import { type WaitSum, waitsByStack } from '../profile/wait-counts.js'
import { boundsOf, certaintyNote } from './bounds.js'
import { count, duration } from './measure.js'

/**
 * What stands behind the name of a call in a tree, with a blank before it: of a wait how often it
 * was and how long at most, ` ×3, longest 850 ms`; of what blocked how sure that is, ` (up to)` or
 * ` (at least 53.0 ms)`; '' for nearly all calls.
 */
export function rowNotesOf({ profile, total }: StackTimes): (node: StackIndex) => string {
  const upTo = upToBelow(profile)
  const waits = waitsByStack(profile)
  return (node) => {
    const often = waitsText(waits.get(node))
    if (often !== '') return ` ${often}`
    if (upTo === null || !isBlocked(profile, node)) return ''
    return certaintyNote(boundsOf(total[node]!, upTo[node]!))
  }
}

/** `×3, longest 850 ms`; '' for a single wait, whose time says it all, and where it is unknown. */
export function waitsText(waits: WaitSum | undefined): string {
  if (waits === undefined || waits.count < 2) return ''
  return `×${count(waits.count)}, longest ${duration(waits.longestMicros)}`
}
