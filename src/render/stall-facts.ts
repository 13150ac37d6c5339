/** What a list says of a dump of kind `stall`, from its head alone. */
import type { DumpMeta, Micros } from '../profile/profile.js'
import { type Bounds, boundsText } from './bounds.js'
import { count, duration } from './measure.js'
import { named, whoOf } from './names.js'
import type { Locate } from './paths.js'
import { boundsOfDelayed } from './stall.js'

/** Who had the loop longest: `GET /report`; '' where nobody knows. */
export function holderText({ stall }: DumpMeta): string {
  const [first] = stall?.by ?? []
  return first === undefined ? '' : whoOf(first.title)
}

/** Where they had it: `add (report.mjs:36)` */
export function placeText({ stall }: DumpMeta, locate: Locate): string {
  const [first] = stall?.by ?? []
  if (first === undefined || first.name === '') return ''
  const { name, file, line } = first
  return named({ name, file, line, column: 0 }, locate)
}

/** `microtasks`; `native, goes on` of what had not ended when it was written. */
export function causeText({ stall }: DumpMeta): string {
  if (stall === null) return ''
  const cause = stall.cause === 'unknown' ? '' : stall.cause
  return [cause, stall.ended ? '' : 'goes on'].filter(Boolean).join(', ')
}

/** The longest of those who waited; null: nobody, or it is not known. */
export function longestDelay({ stall }: DumpMeta): Bounds | null {
  const [longest] = stall?.delayed ?? []
  return longest === undefined ? null : boundsOfDelayed(longest)
}

/** `14, 480 to 498 ms`: how many waited, and the longest of them. */
export function delayedText(meta: DumpMeta, write: (micros: Micros) => string = duration): string {
  const longest = longestDelay(meta)
  const many = count(meta.stall?.delayedCount ?? 0)
  return longest === null ? many : `${many}, ${boundsText(longest, write)}`
}
