/** What a dump of kind `stall` says, as a sentence. */
import { type Holder, holdersOf } from '../analysis/holders.js'
import { printable } from '../printable.js'
import type { Profile, Stall } from '../profile/profile.js'
import { type Bounds, boundsText, exactly, isAlmostAll, partText } from './bounds.js'
import { counted, duration } from './measure.js'
import type { Locate } from './paths.js'

/**
 * `GET /report held the loop for 512 ms, 430 ms of it in add (report.mjs:36); 14 requests waited,
 * the longest 480 to 498 ms`
 */
export function stallText(profile: Profile, locate: Locate): string {
  const [{ stall, durationMicros } = NOTHING] = profile.sources
  const [first] = holdersOf(profile)
  const time = duration(durationMicros)
  const what = stall?.ended === false ? 'has held the loop for' : 'held the loop for'
  if (first === undefined) return `Something ${what} ${time}${waitedText(stall)}`
  const text = isAlmostAll(first.micros, durationMicros)
    ? `${printable(first.title)} ${what} ${time}${whereText(profile, first, locate)}`
    : `The loop could not look for ${time}: ${duration(first.micros)} of it were ` +
      `${printable(first.title)}’s${whereText(profile, first, locate)}`
  return `${text}${waitedText(stall)}`
}

// --- internal ---

const NOTHING = { stall: null, durationMicros: 0 }

function whereText(profile: Profile, { micros, hotspot }: Holder, locate: Locate): string {
  if (hotspot === null) return ''
  const frame = profile.frames[hotspot.frame]!
  const place = locate(frame)
  const where = `in ${printable(frame.name)}${place === '' ? '' : ` (${printable(place)})`}`
  return partText(hotspot.micros, exactly(micros), where)
}

function waitedText(stall: Stall | null): string {
  if (stall === null || stall.delayedCount === 0) return ''
  const [longest] = stall.delayed
  const waited = `; ${counted(stall.delayedCount, 'request')} waited`
  if (longest === undefined) return waited
  const bounds: Bounds = { min: longest.leastMicros ?? 0, max: longest.micros }
  return stall.delayedCount === 1
    ? `${waited} ${boundsText(bounds)}`
    : `${waited}, the longest ${boundsText(bounds)}`
}
