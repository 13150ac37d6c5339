import type { Micros } from '../../../src/profile/profile.js'
import type { Calls } from './calls.js'
import { NONE, type Runs, runAt } from './runs.js'

/**
 * Pieces of time that are drawn side by side. A piece is a number; larger ones are later, not all
 * numbers are pieces. No method takes longer than O(log pieces).
 */
export interface Row {
  /** The piece at a time or, between two, the next one; `NONE` after the last. */
  at(time: Micros): number
  start(piece: number): Micros
  end(piece: number): Micros
  after(piece: number): number
  before(piece: number): number
  last(): number
  value(piece: number): number
}

/** Each run is a piece. */
export function runRow(runs: Runs): Row {
  const { start, end, value } = runs
  return {
    at: (time) => runAt(runs, time),
    start: (piece) => start[piece]!,
    end: (piece) => end[piece]!,
    after: (piece) => (piece + 1 < start.length ? piece + 1 : NONE),
    before: (piece) => piece - 1,
    last: () => start.length - 1,
    value: (piece) => value[piece]!,
  }
}

/**
 * The calls of one depth, from 1 on: a piece is the first run of its call, its value the call's
 * stack.
 */
export function callRow({ runs, shared, depths, callerAt }: Calls, depth: number): Row {
  const nextDeep = (run: number) => (run === NONE ? NONE : depths.nextBelow(run, 1 - depth))
  const startOf = (run: number) => (run === NONE ? NONE : shared.previousBelow(run, depth))
  const nextOther = (piece: number) => shared.nextBelow(piece + 1, depth)
  return {
    at: (time) => startOf(nextDeep(runAt(runs, time))),
    start: (piece) => runs.start[piece]!,
    end: (piece) => {
      const next = nextOther(piece)
      return runs.end[(next === NONE ? runs.end.length : next) - 1]!
    },
    after: (piece) => nextDeep(nextOther(piece)),
    before: (piece) => startOf(depths.previousBelow(piece - 1, 1 - depth)),
    last: () => startOf(depths.previousBelow(runs.value.length - 1, 1 - depth)),
    value: (piece) => callerAt(runs.value[piece]!, depth),
  }
}
