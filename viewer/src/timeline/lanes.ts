import { ACCOUNT_INDEX, type Account } from '../../../src/profile/accounts.js'
import { AWAIT, BLOCKED } from '../../../src/profile/frames.js'
import type { Profile } from '../../../src/profile/profile.js'
import { type Row, runRow } from './rows.js'
import { NONE, type Runs, runsOf } from './runs.js'

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
export function lanesOf(profile: Profile, accountOf: Uint8Array): Lane[] {
  const { gc } = ACCOUNT_INDEX
  const lanes = [
    laneOf('Accounts', null, runsOf(profile, accountOf)),
    ...waitLanes(profile),
    laneOf('Blocked by', 'blocked', runsOf(profile, culpritOf(profile))),
    laneOf(
      'GC',
      'gc',
      runsOf(
        profile,
        Int32Array.from(accountOf, (account, stack) => (account === gc ? stack : NONE)),
      ),
    ),
  ]
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
function waitLanes(profile: Profile): Lane[] {
  const { frames, stacks, samples } = profile
  const waits = waitOf(profile)
  const totals = new Map<number, number>()
  for (let i = 0; i < samples.stack.length; i++) {
    const wait = waits[samples.stack[i]!]!
    if (wait === NONE) continue
    const resource = stacks.frame[wait]!
    totals.set(resource, (totals.get(resource) ?? 0) + samples.weight[i]!)
  }
  const resources = [...totals].sort((a, b) => b[1] - a[1]).map(([resource]) => resource)
  const own = resources.slice(0, resources.length > MOST_WAITS + 1 ? MOST_WAITS : undefined)
  const lanes = own.map((resource) => {
    const name = frames[resource]!.name.slice(AWAIT.length + 1) || 'wait'
    return laneOf(
      name,
      'await',
      runsOf(
        profile,
        only(waits, (at) => stacks.frame[at] === resource),
      ),
    )
  })
  if (own.length === resources.length) return lanes
  const rest = new Set(resources.slice(own.length))
  const others = only(waits, (at) => rest.has(stacks.frame[at]!))
  return [...lanes, laneOf('other waits', 'await', runsOf(profile, others))]
}

/** For each stack the wait it is in, as a stack; a wait goes on while others block the loop. */
function waitOf({ frames, stacks }: Profile): Int32Array {
  const isWait = frames.map(
    ({ name, file }) => file === '' && (name === AWAIT || name.startsWith(`${AWAIT} `)),
  )
  const isBlocked = frames.map(({ name, file }) => file === '' && name === BLOCKED)
  const waits = new Int32Array(stacks.frame.length).fill(NONE)
  const foreign = new Uint8Array(waits.length)
  for (let i = 1; i < waits.length; i++) {
    const above = stacks.parent[i]!
    const frame = stacks.frame[i]!
    foreign[i] = foreign[above]! | (isBlocked[frame] ? 1 : 0)
    waits[i] = isWait[frame] && !foreign[i] ? i : waits[above]!
  }
  return waits
}

/**
 * For each stack the frame under `[blocked]`, which names who was in the way; `[blocked]` itself
 * where it is not known.
 */
function culpritOf({ frames, stacks }: Profile): Int32Array {
  const isBlocked = frames.map(({ name, file }) => file === '' && name === BLOCKED)
  const culprits = new Int32Array(stacks.frame.length).fill(NONE)
  for (let i = 1; i < culprits.length; i++) {
    const above = stacks.parent[i]!
    const isUnder = isBlocked[stacks.frame[above]!] && culprits[above] === above
    culprits[i] =
      isUnder || (isBlocked[stacks.frame[i]!] && culprits[above] === NONE) ? i : culprits[above]!
  }
  return culprits
}

function only(stacks: Int32Array, isMeant: (stack: number) => boolean): Int32Array {
  return stacks.map((stack) => (stack !== NONE && isMeant(stack) ? stack : NONE))
}
