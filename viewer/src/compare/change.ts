import type { Unit } from '../../../src/profile/profile.js'
import { amount } from '../../../src/render/measure.js'

/** `+13.8 ms`, `−4.00 ms`, `0 ms`. */
export function changeText(change: number, unit: Unit): string {
  const sign = change > 0 ? '+' : change < 0 ? '−' : ''
  return sign + amount(Math.abs(change), unit)
}
