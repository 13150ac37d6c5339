/** What no transformation may change without saying so. */
import { ACCOUNTS } from '../../src/profile/accounts.js'
import { framesOf } from '../../src/profile/calltree.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { Ledger, Profile } from '../../src/profile/profile.js'
import { accountOfStacks } from '../../src/profile/stack-accounts.js'
import type { WaitSum } from '../../src/profile/wait-counts.js'

/** The time of the samples of all profiles by account. */
export function ledgerOf(profiles: readonly Profile[]): Ledger {
  const ledger = emptyLedger()
  for (const profile of profiles) {
    const accounts = accountOfStacks(profile)
    const { stack, weight } = profile.samples
    for (let i = 0; i < stack.length; i++) ledger[ACCOUNTS[accounts[stack[i]!]!]!] += weight[i]!
  }
  return ledger
}

/** `main;[await] timer {route=GET /x}: 3 in 120, longest 80` for each wait, sorted. */
export function waitLines(profile: Profile): string[] {
  return profile.waits
    .map(({ stack, labelSet, count, totalMicros, longestMicros, mostAtOnce = 1 }) => {
      const path = framesOf(profile, stack).map(({ name }) => name)
      const labels = [...profile.labelSets[labelSet]!].map(([name, value]) => `${name}=${value}`)
      const set = labels.length > 0 ? ` {${labels.join(', ')}}` : ''
      const atOnce = mostAtOnce > 1 ? `, ${mostAtOnce} at once` : ''
      return `${path.join(';')}${set}: ${count} in ${totalMicros}, longest ${longestMicros}${atOnce}`
    })
    .sort()
}

/** One wait of this length. */
export function oneWait(micros: number): WaitSum {
  return { count: 1, totalMicros: micros, longestMicros: micros, mostAtOnce: 1 }
}

/** The waits of all profiles as one. */
export function waitSum(profiles: readonly Profile[]): WaitSum {
  const all = profiles.flatMap(({ waits }) => waits)
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    totalMicros: all.reduce((sum, { totalMicros }) => sum + totalMicros, 0),
    longestMicros: all.reduce((most, { longestMicros }) => Math.max(most, longestMicros), 0),
  }
}
