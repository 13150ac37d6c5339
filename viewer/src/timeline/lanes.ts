import { isUpTo } from '../../../src/analysis/blame.js'
import { ACCOUNT_INDEX, type Account } from '../../../src/profile/accounts.js'
import { awaitedBy } from '../../../src/profile/frames.js'
import type { Profile } from '../../../src/profile/profile.js'
import { waitsOf } from '../../../src/profile/stack-waits.js'
import type { Steps } from '../../../src/profile/steps.js'
import { NONE, type Runs, runsOf } from './runs.js'
import { type Row, runRow } from './timeline-rows.js'

/** One line above the call stacks. */
export interface Lane {
  readonly name: string
  /** Null for the lane of all accounts; there the pieces' values are accounts, elsewhere stacks. */
  readonly account: Account | null
  readonly row: Row
  /** The time of all its pieces. */
  readonly total: number
}

/**
 * The accounts, what was waited for, who was in the way, and the collections. Lanes without a piece
 * are left out.
 */
export function* lanesOf(profile: Profile, accountOf: Uint8Array): Steps<Lane[]> {
  const { gc } = ACCOUNT_INDEX
  const { wait, blamed } = waitsOf(profile)
  const mayBeLess = isUpTo(profile).includes(true)
  yield
  const lanes = [laneOf('Accounts', null, runsOf(profile, accountOf))]
  yield
  for (const lane of waitLanes(profile, wait)) {
    lanes.push(lane)
    yield
  }
  const blockedBy = mayBeLess ? 'Blocked up to' : 'Blocked by'
  lanes.push(laneOf(blockedBy, 'blocked', runsOf(profile, blamed)))
  yield
  const collections = Int32Array.from(accountOf, (account, stack) =>
    account === gc ? stack : NONE,
  )
  lanes.push(laneOf('GC', 'gc', runsOf(profile, collections)))
  yield
  return lanes.filter((lane) => lane.total > 0)
}

// --- internal ---

/** Resources with a lane of their own. */
const MOST_WAITS = 8

function laneOf(name: string, account: Account | null, runs: Runs): Lane {
  let total = 0
  for (let i = 0; i < runs.start.length; i++) total += runs.end[i]! - runs.start[i]!
  return { name, account, row: runRow(runs), total }
}

/** A lane for each resource, the longest waited for first; the many small ones share the last. */
function* waitLanes(profile: Profile, waits: Int32Array): Generator<Lane> {
  const { frames, stacks, samples } = profile
  const totals = new Map<number, number>()
  for (let i = 0; i < samples.stack.length; i++) {
    const wait = waits[samples.stack[i]!]!
    if (wait === NONE) continue
    const resource = stacks.frame[wait]!
    totals.set(resource, (totals.get(resource) ?? 0) + samples.weight[i]!)
  }
  const resources = [...totals].sort((a, b) => b[1] - a[1]).map(([resource]) => resource)
  const own = resources.slice(0, resources.length > MOST_WAITS + 1 ? MOST_WAITS : undefined)
  for (const resource of own) {
    const name = awaitedBy(frames[resource]!) || 'wait'
    const its = only(waits, (at) => stacks.frame[at] === resource)
    yield laneOf(name, 'await', runsOf(profile, its))
  }
  if (own.length === resources.length) return
  const rest = new Set(resources.slice(own.length))
  const others = only(waits, (at) => rest.has(stacks.frame[at]!))
  yield laneOf('other waits', 'await', runsOf(profile, others))
}

function only(stacks: Int32Array, isMeant: (stack: number) => boolean): Int32Array {
  return stacks.map((stack) => (stack !== NONE && isMeant(stack) ? stack : NONE))
}
