/**
 * How long a request may have waited before the process saw it, and behind whom.
 *
 *        the check phase     the poll sleeps      its batch              the request starts
 *   ──────────┼── timers ──┤ ░░░░░░░░░░░ ├──── somebody's code ────┼───
 *             └─ not before this          └─ and by then it had come
 *
 * Idle samples of that poll narrow the first, or of the poll before, where it did not sleep; busy
 * ones after them prove the second. V8 calls native code between two callbacks of a batch idle as
 * well.
 */
import type { Queued, Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { cameByOf, type Queueing } from '../sampler/queue-bound.js'
import type { Finished } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { busyAt, idleAt } from './poll-of-start.js'
import { culpritsOf } from './queue-culprits.js'
import type { Slice } from './slice.js'

/** `before` holds what was sampled from the loop's bound to the start. */
export function queuedOf(recording: Finished, table: ThreadStacks, before: Slice): Queued | null {
  const { queueing, start } = recording
  if (queueing === null) return null
  const from = latestOf(recording, queueing, table, before)
  const maxMicros = from === null ? null : microsBetween(from, start)
  const minMicros = microsBetween(earliestOf(recording, queueing, from, table, before), start)
  return {
    minMicros: Math.min(minMicros, maxMicros ?? minMicros),
    maxMicros,
    othersKeptOut: queueing.othersKeptOut,
    by: from === null ? [] : culpritsOf(recording, table, before, from, maxMicros!),
  }
}

/** A proxy had sent it, and it had not come: that time is neither the loop's nor ours. */
export function beforeProcess({ queueing, start }: Finished, queued: Queued | null): Warning[] {
  if (!queueing || queueing.sentByProxy === null || !queued || queued.maxMicros === null) return []
  const passed = start - queued.maxMicros / 1000 - queueing.sentByProxy
  if (passed < CLOCKS_DIFFER_MS) return []
  const text = `at least ${Math.floor(passed)} ms passed between the proxy and this process`
  return [warning('before-process', text)]
}

// --- internal ---

/** Clocks of different machines may differ by so much. */
const CLOCKS_DIFFER_MS = 10

function microsBetween(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) * 1000))
}

/** It had not come by then; null: no such time is known. */
function latestOf(
  { meta }: Finished,
  { from, thenSleptMs, thenEndedBy, notBefore }: Queueing,
  table: ThreadStacks,
  before: Slice,
): number | null {
  if (from === null) return notBefore
  const poll = { from, sleptMs: thenSleptMs, endedBy: thenEndedBy }
  return Math.max(idleAt(poll, meta.intervalMicros / 1000, table, before), notBefore ?? from)
}

/** It had come by then. */
function earliestOf(
  { start }: Finished,
  queueing: Queueing,
  from: number | null,
  table: ThreadStacks,
  before: Slice,
): number {
  const cameBy = cameByOf(queueing, from)
  // A poll that did not sleep found at once what had come while timers ran, before it.
  if (!queueing.isOfBatch || queueing.sleptMs === 0) return cameBy
  return Math.min(cameBy, busyAt(queueing.checkedAt, start, table, before))
}
