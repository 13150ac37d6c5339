import { ACCOUNT_INDEX, ACCOUNTS, type Account, perAccount } from '../profile/accounts.js'
import { ROOT_STACK } from '../profile/builder.js'
import type { StackTimes } from '../profile/calltree.js'
import { Float64Column, Int32Column } from '../profile/columns.js'
import { frameKinds, isEngine } from '../profile/frames.js'
import { nearestApps } from '../profile/nearest-app.js'
import { PairTable } from '../profile/pair-table.js'
import type { FrameIndex, Ledger, Micros, StackIndex } from '../profile/profile.js'
import { accountOfStacks } from '../profile/stack-accounts.js'

/** Time of one account that one frame had itself, below one function of the app. */
export interface SelfGroup {
  readonly account: Account
  /** A function, or the frame of what was waited for; what was called when it is off the CPU. */
  readonly frame: FrameIndex
  /** The nearest function of the app at the frame or above it; null where there is none. */
  readonly app: FrameIndex | null
  readonly micros: Micros
  /** The heaviest of the places. */
  readonly stack: StackIndex
}

export interface SelfGroups {
  /** Heaviest first; without those of no time. */
  readonly groups: readonly SelfGroup[]
  /** For each stack its account, as an index into `ACCOUNTS`. */
  readonly accounts: Uint8Array
  /** Sums by account. */
  readonly totals: Ledger
  /** Is the stack's own time in the group? */
  includes(group: SelfGroup, stack: StackIndex): boolean
}

/**
 * All time of a profile by what had it and whose code asked for it, wherever in the tree that is.
 *
 *     main;load;query@lib;[await] TCP 3, main;load;[await] TCP 4   with `main` and `load` the app's
 *     =  await: [await] TCP under load 7
 *
 * O(stacks), no recursion.
 */
export function selfGroups(tree: StackTimes): SelfGroups {
  const { profile, self } = tree
  const { frame } = profile.stacks
  const accounts = accountOfStacks(profile)
  const { subject, app } = subjectsAndApps(tree, accounts)
  const sums = new Float64Array(ACCOUNTS.length)
  const pairs = new PairTable()
  const groupOf = new Int32Array(frame.length).fill(-1)
  const micros = new Float64Column()
  const heaviest = new Int32Column()
  for (let i = 0; i < frame.length; i++) {
    if (self[i] === 0) continue
    sums[accounts[i]!]! += self[i]!
    const group = pairs.intern(subject[i]! * ACCOUNTS.length + accounts[i]!, app[i]!)
    groupOf[i] = group
    if (group === heaviest.length) {
      heaviest.push(i)
      micros.push(0)
    }
    micros.set(group, micros.at(group) + self[i]!)
    if (self[i]! > self[heaviest.at(group)]!) heaviest.set(group, i)
  }
  const groups = Array.from(heaviest.finish(), (stack, group) => ({
    account: ACCOUNTS[accounts[stack]!]!,
    frame: subject[stack]!,
    app: app[stack] === -1 ? null : app[stack]!,
    micros: micros.at(group),
    stack,
  }))
  return {
    groups: groups.sort((a, b) => b.micros - a.micros || a.stack - b.stack),
    accounts,
    totals: perAccount((_, account) => sums[account]!),
    includes: (group, stack) => groupOf[stack] !== -1 && groupOf[stack] === groupOf[group.stack],
  }
}

// --- internal ---

const AWAIT = ACCOUNT_INDEX.await

/**
 * For each stack the frame that its time is told of, and the nearest frame of the app (-1: none).
 */
function subjectsAndApps({ profile }: StackTimes, accounts: Uint8Array) {
  const { frame, parent } = profile.stacks
  const kinds = frameKinds(profile.frames)
  const app = nearestApps(profile)
  if (!kinds.includes('await') && !kinds.includes('offcpu')) return { subject: frame, app }
  const subject = frame.slice()
  // What other code called of Node or the engine, however that goes about it; -1: nobody's call.
  const called = frame.slice()
  called[ROOT_STACK] = -1
  for (let i = ROOT_STACK + 1; i < frame.length; i++) {
    const above = parent[i]!
    const kind = kinds[frame[i]!]!
    // Calls below a wait are parts of it.
    if (accounts[i] === AWAIT && kind !== 'await') subject[i] = subject[above]!
    if (isEngine(kind) && (called[above] === -1 || isEngine(kinds[frame[above]!]!)))
      called[i] = called[above]!
    if (kind === 'offcpu' && above !== ROOT_STACK)
      subject[i] = called[above] === -1 ? frame[above]! : called[above]!
  }
  return { subject, app }
}
