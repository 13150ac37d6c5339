import { ACCOUNTS, type Account, type Ledger, type Unit } from '../../../src/profile/profile.js'

/** How a column of weights is written: all of its cells have the same unit and decimals. */
export interface Scale {
  /** What stands in the column's head. */
  readonly label: string
  readonly write: (weight: number) => string
}

/** Weights as they are, in milliseconds or in the profile's own unit. */
export function absoluteScale(unit: Unit): Scale {
  switch (unit) {
    case 'microseconds':
      return { label: 'ms', write: (weight) => ONE_DECIMAL.format(weight / 1_000) }
    case 'bytes':
      return { label: 'kB', write: (weight) => ONE_DECIMAL.format(weight / 1_000) }
    case 'samples':
      return { label: 'samples', write: (weight) => WHOLE.format(weight) }
  }
}

/** Weights as a share of `whole`. */
export function percentScale(whole: number): Scale {
  return { label: '%', write: (weight) => ONE_DECIMAL.format(shareOf(weight, whole) * 100) }
}

/** A single weight with its unit, for prose: `212.4 ms`. */
export function withUnit(weight: number, unit: Unit): string {
  const { label, write } = absoluteScale(unit)
  return `${write(weight)} ${label}`
}

export function shareOf(weight: number, whole: number): number {
  return whole === 0 ? 0 : weight / whole
}

/**
 * A ledger in tenths of a millisecond, rounded such that the accounts add up to the rounded sum:
 * each is rounded down and the largest remainders get the rest.
 */
export function roundedLedger(ledger: Ledger): Map<Account, number> {
  const exact = ACCOUNTS.map((account) => ledger[account] / 100)
  const rounded = exact.map(Math.floor)
  const sum = Math.round(exact.reduce((total, value) => total + value, 0))
  const missing = sum - rounded.reduce((total, value) => total + value, 0)
  const byRemainder = ACCOUNTS.map((_, i) => i).sort(
    (a, b) => exact[b]! - rounded[b]! - (exact[a]! - rounded[a]!),
  )
  for (const i of byRemainder.slice(0, missing)) rounded[i]!++
  return new Map(ACCOUNTS.map((account, i) => [account, rounded[i]! * 100]))
}

// --- internal ---

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const ONE_DECIMAL = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
})
