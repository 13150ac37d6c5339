import { accountOfStacks } from '../../../src/profile/accounts.js'
import { ACCOUNTS, type Account, type Profile } from '../../../src/profile/profile.js'

/** For each account, the time under every node of the call tree. */
export type AccountTotals = ReadonlyMap<Account, Float64Array>

/** Splits the total of every node into accounts. O(stacks + samples). */
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
