import { ACCOUNTS, type Account, perAccount } from './accounts.js'
import type { Ledger, Micros } from './profile.js'

/** A ledger to add to. */
export function emptyLedger(): Record<Account, Micros> {
  return perAccount(() => 0)
}

/** All its time: of a dump's ledger, the duration. */
export function sumOfLedger(ledger: Ledger): Micros {
  let sum = 0
  for (const account of ACCOUNTS) sum += ledger[account]
  return sum
}

/** Several ledgers as one. */
export function addLedgers(ledgers: Iterable<Ledger>): Ledger {
  const sum = emptyLedger()
  for (const ledger of ledgers) for (const account of ACCOUNTS) sum[account] += ledger[account]
  return sum
}
