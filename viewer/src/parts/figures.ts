import { ACCOUNTS, type Account } from '../../../src/profile/accounts.js'
import { sumOfLedger } from '../../../src/profile/ledger.js'
import type { Ledger, Unit } from '../../../src/profile/profile.js'
import { grouped } from '../../../src/render/measure.js'

/** How the weights of a view are written: all of them have the same unit and decimals. */
export interface Scale {
  /** What stands in the column's head. */
  readonly label: string
  /** The weight of one in the last digit. */
  readonly step: number
  readonly write: (weight: number) => string
}

/** Weights in a unit that fits the largest of them, `whole`: seven characters hold every number. */
export function absoluteScale(unit: Unit, whole: number): Scale {
  const [label, size, decimals] = SCALES[unit].find(([, , , limit]) => whole < limit)!
  const write = (weight: number) => grouped((weight / size).toFixed(decimals))
  return { label, step: size / 10 ** decimals, write }
}

/** Weights as a share of `whole`. */
export function percentScale(whole: number): Scale {
  return {
    label: '%',
    step: whole / 1_000,
    write: (weight) => (shareOf(weight, whole) * 100).toFixed(1),
  }
}

export function shareOf(weight: number, whole: number): number {
  return whole === 0 ? 0 : weight / whole
}

/**
 * A ledger of which every account is a multiple of `step`, and whose sum is the sum rounded: each
 * account is rounded down, and those with the largest remainders get what is missing.
 */
export function roundedLedger(ledger: Ledger, step: number): Map<Account, number> {
  const exact = ACCOUNTS.map((account) => ledger[account] / step)
  const rounded = exact.map(Math.floor)
  const sum = Math.round(sumOfLedger(ledger) / step)
  const missing = sum - rounded.reduce((total, value) => total + value, 0)
  const byRemainder = ACCOUNTS.map((_, i) => i).sort(
    (a, b) => exact[b]! - rounded[b]! - (exact[a]! - rounded[a]!),
  )
  for (const i of byRemainder.slice(0, missing)) rounded[i]!++
  return new Map(ACCOUNTS.map((account, i) => [account, rounded[i]! * step]))
}

// --- internal ---

/** Label, weight of one, decimals, and the weight from which on the next one is used. */
type ScaleRow = readonly [label: string, size: number, decimals: number, limit: number]

const TIMES: readonly ScaleRow[] = [
  ['ms', 1e3, 2, 1e4],
  ['ms', 1e3, 1, 1e7],
  ['s', 1e6, 2, 1e9],
  ['s', 1e6, 0, Number.POSITIVE_INFINITY],
]

const SCALES: Readonly<Record<Unit, readonly ScaleRow[]>> = {
  microseconds: TIMES,
  delay: TIMES,
  counts: [['', 1, 0, Number.POSITIVE_INFINITY]],
  samples: [['samples', 1, 0, Number.POSITIVE_INFINITY]],
  bytes: [
    ['kB', 1e3, 1, 1e7],
    ['MB', 1e6, 1, 1e10],
    ['GB', 1e9, 1, Number.POSITIVE_INFINITY],
  ],
}
