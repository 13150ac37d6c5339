/** What dumps of kind `stall` say: a sentence, and the list of who waited. */
import { type Holder, holdersOf } from '../analysis/holders.js'
import { printable } from '../printable.js'
import { UNKNOWN } from '../profile/frames.js'
import type { DumpMeta, Micros, Profile, Stall } from '../profile/profile.js'
import { type Bounds, boundsText, exactly, isAlmostAll, partText } from './bounds.js'
import { count, counted, duration } from './measure.js'
import { whoOf } from './names.js'
import type { Locate } from './paths.js'
import type { Column } from './table.js'

export type Delayed = Stall['delayed'][number]

export function isStall(sources: readonly DumpMeta[]): boolean {
  return sources.length > 0 && sources.every(({ stall }) => stall !== null)
}

/**
 * `GET /report held the loop for 512 ms, 430 ms of it in add (report.mjs:36); 14 requests waited,
 * 3 of them more than 400 ms`
 *
 * `3 stalls of 1.23 s together, the longest 512 ms: GET /report held the loop for …; 31 requests
 * waited`
 */
export function stallText(profile: Profile, locate: Locate): string {
  const { sources } = profile
  const whole = sources.reduce((sum, { durationMicros }) => sum + durationMicros, 0)
  if (sources.length < 2) {
    const stall = sources[0]?.stall ?? null
    const held = heldText(profile, whole, stall, locate)
    const end = stall?.ended === false ? `, and still ${held.still} when this was written` : ''
    return held.text + causeText(stall) + end + waitedText(whole, stall)
  }
  const longest = sources.reduce((most, each) => Math.max(most, each.durationMicros), 0)
  const stalls = sources.flatMap(({ stall }) => stall ?? [])
  const delayedCount = stalls.reduce((sum, stall) => sum + stall.delayedCount, 0)
  const waited = { delayedCount, delayed: stalls.flatMap(({ delayed }) => delayed) }
  const lead = `${counted(sources.length, 'stall')} of ${duration(whole)} together`
  const held = heldText(profile, whole, null, locate)
  return `${lead}, the longest ${duration(longest)}: ${held.text}${countText(waited)}`
}

/**
 * `up to 14 requests waited`: who may have come, or become ready, only when it was over, has
 * perhaps not waited.
 */
export function waitersText({
  delayedCount,
  delayed,
}: Pick<Stall, 'delayedCount' | 'delayed'>): string {
  const isSure = delayedCount === 1 || delayed.every(({ leastMicros }) => leastMicros !== 0)
  return `${isSure ? '' : 'up to '}${counted(delayedCount, 'request')} waited`
}

/** The first of those who waited for a stall, longest first; none of several. */
export function delayedIn({ sources }: Profile): { shown: readonly Delayed[]; more: number } {
  const stall = sources.length === 1 ? sources[0]!.stall : null
  if (stall === null) return { shown: [], more: 0 }
  const shown = stall.delayed.slice(0, MOST_SHOWN)
  return { shown, more: Math.max(stall.delayedCount, shown.length) - shown.length }
}

export const DELAYED_COLUMNS: readonly Column<Delayed>[] = [
  { head: 'waited', text: (delayed) => boundsText(boundsOfDelayed(delayed)), right: true },
  { head: 'request', text: ({ title }) => printable(title), shortest: 16 },
]

/** Below the list of those who waited; '' where it has all of them. */
export function moreText(more: number, ellipsis: string): string {
  return more === 0 ? '' : `${ellipsis} and ${count(more)} more`
}

export function boundsOfDelayed({ micros, leastMicros }: Delayed): Bounds {
  return { min: leastMicros ?? 0, max: micros }
}

// --- internal ---

const MOST_SHOWN = 5
/** Of a stall: who waited for so much of it is said to have waited for most of it. */
const MOST_OF_IT = 0.8

/** Who had it, and where; and of what has not ended, what it still did. */
function heldText(profile: Profile, whole: Micros, stall: Stall | null, locate: Locate) {
  const goesOn = stall?.ended === false
  const did = `${goesOn ? 'has held' : 'held'} the loop for ${duration(whole)}`
  const [first] = holdersOf(profile)
  if (first === undefined) return { text: `Something ${did}`, still: 'did' }
  const where = whereText(profile, first, locate)
  if (isAlmostAll(first.micros, whole)) {
    // Nobody could be asked whose it was.
    const isNative = first.title === UNKNOWN && where === '' && stall?.cause === 'native'
    if (isNative) return { text: `Something ${did}`, still: 'did' }
    return { text: `${subjectOf(first)} ${did}${where}`, still: 'did' }
  }
  const was = `The loop ${goesOn ? 'has been' : 'was'} held for ${duration(whole)}`
  const part = `${duration(first.micros)} of it by ${whoOf(first.title)}${where}`
  return { text: `${was}, ${part}`, still: 'was' }
}

function whereText(profile: Profile, { micros, hotspot }: Holder, locate: Locate): string {
  if (hotspot === null) return ''
  const frame = profile.frames[hotspot.frame]!
  const place = locate(frame)
  const where = `in ${printable(frame.name)}${place === '' ? '' : ` (${printable(place)})`}`
  return partText(hotspot.micros, exactly(micros), where)
}

function causeText(stall: Stall | null): string {
  return CAUSES[stall?.cause ?? 'unknown']
}

/** One callback is what is expected. */
const CAUSES: Readonly<Record<Stall['cause'], string>> = {
  callback: '',
  microtasks: ', in promises and ticks that never let the loop poll',
  burst: ', in many short callbacks',
  native: ', in native code',
  unknown: '',
}

function countText(waited: Pick<Stall, 'delayedCount' | 'delayed'>): string {
  return waited.delayedCount === 0 ? '' : `; ${waitersText(waited)}`
}

function waitedText(whole: Micros, stall: Stall | null): string {
  if (stall === null || stall.delayedCount === 0) return ''
  const { delayedCount, delayed } = stall
  const waited = countText(stall)
  const [longest] = delayed
  if (longest === undefined) return waited
  const bounds = boundsText(boundsOfDelayed(longest))
  if (delayedCount === 1) return `${waited} ${bounds}`
  const most = round(whole * MOST_OF_IT)
  const sure = delayed.filter(({ leastMicros = 0 }) => leastMicros > most).length
  if (sure === 0) return `${waited}, the longest ${bounds}`
  const who = sure === delayedCount ? 'all' : count(sure)
  const atLeast = sure === delayed.length && sure < delayedCount ? 'at least ' : ''
  return `${waited}, ${atLeast}${who} of them more than ${duration(most)}`
}

/** Down to two digits. */
function round(micros: Micros): Micros {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(micros)) - 1)
  return Math.floor(micros / step) * step
}

/** At the start of a sentence. */
function subjectOf({ title }: Holder): string {
  const who = whoOf(title)
  return who === printable(title) ? who : who[0]!.toUpperCase() + who.slice(1)
}
