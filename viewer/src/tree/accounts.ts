import type { FrameKind } from '../../../src/profile/frames.js'
import { frameKind } from '../../../src/profile/frames.js'
import { ACCOUNTS, type Account, type Profile } from '../../../src/profile/profile.js'

/** For each account, the time under every node of the call tree. */
export type AccountTotals = ReadonlyMap<Account, Float64Array>

/**
 * Splits the total of every node into accounts. What is below `[blocked]` is blocked time, whatever it
 * is: it ran for others. Below `[await]` only calls are: a wait can be blocked in its turn.
 * O(stacks + samples).
 */
export function totalsByAccount(profile: Profile): AccountTotals {
  const { frame, parent } = profile.stacks
  const accounts = accountOfStacks(profile)
  const totals = ACCOUNTS.map(() => new Float64Array(frame.length))
  const { stack, weight } = profile.samples
  for (let i = 0; i < stack.length; i++) totals[accounts[stack[i]!]!]![stack[i]!]! += weight[i]!
  for (const total of totals) {
    for (let i = frame.length - 1; i > 0; i--) total[parent[i]!]! += total[i]!
  }
  return new Map(ACCOUNTS.map((account, i) => [account, totals[i]!]))
}

// --- internal ---

function accountOfStacks(profile: Profile): Uint8Array {
  const { frame, parent } = profile.stacks
  const ofFrame = profile.frames.map((each) => ACCOUNTS.indexOf(accountOfKind(frameKind(each))))
  const accounts = new Uint8Array(frame.length)
  for (let i = 1; i < accounts.length; i++) {
    const above = accounts[parent[i]!]!
    const own = ofFrame[frame[i]!]!
    accounts[i] = above === BLOCKED || (above === AWAIT && own === CPU) ? above : own
  }
  return accounts
}

const CPU = ACCOUNTS.indexOf('cpu')
const AWAIT = ACCOUNTS.indexOf('await')
const BLOCKED = ACCOUNTS.indexOf('blocked')

function accountOfKind(kind: FrameKind): Account {
  switch (kind) {
    case 'gc':
    case 'await':
    case 'blocked':
    case 'profiler':
    case 'unknown':
      return kind
    default:
      return 'cpu'
  }
}
