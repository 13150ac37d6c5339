/** What is said of requests that waited before their process saw them; the page says it, too. */
import { frameKey, PROFILER, UNKNOWN } from '../profile/frames.js'
import type { DumpMeta, Frame, Micros, QueueCulprit } from '../profile/profile.js'
import {
  type Bounds,
  boundsOfPart,
  boundsText,
  isAlmostAll,
  mostOf,
  partText,
  sumOfBounds,
} from './bounds.js'
import { counted, duration } from './measure.js'
import { BACKGROUND, inRequests, named, whoOf } from './names.js'
import type { Locate } from './paths.js'

/** How long the requests of a profile waited, all together, and with whom the loop was busy. */
export interface QueuedTime {
  readonly bounds: Bounds
  /** Those that waited long enough to be told of, and all that were recorded. */
  readonly waited: readonly DumpMeta[]
  readonly all: readonly DumpMeta[]
}

/**
 * How long a request waited; null where it is not known, or too short to be worth a word: as with
 * all that stands out, less than a tenth of what the client waited. And less than 5 ms: a loop that
 * has nothing to do is asked as seldom when samples are 5 ms apart, so that so much is said of a
 * request that met nobody.
 */
export function queuedOf({ queued, durationMicros }: DumpMeta): Bounds | null {
  if (queued === null) return null
  const bounds = { min: queued.minMicros, max: queued.maxMicros }
  return isMuch(mostOf(bounds), durationMicros) ? bounds : null
}

/**
 * The same for all requests of a profile. Those without an upper bound are counted only where all
 * are without.
 */
export function queuedIn(all: readonly DumpMeta[]): QueuedTime | null {
  const known = all.filter((meta) => queuedOf(meta) !== null)
  const bounded = known.filter(({ queued }) => queued!.maxMicros !== null)
  const waited = bounded.length > 0 ? bounded : known
  const bounds = sumOfBounds(waited.map((meta) => queuedOf(meta)!))
  return isMuch(mostOf(bounds), durationOf(all)) ? { bounds, waited, all } : null
}

/** `queued up to 258 ms before these 13.0 ms`, for the head of a report. */
export function queuedLine({ bounds, waited, all }: QueuedTime): string {
  const fact = `queued ${boundsText(bounds)} before these ${duration(durationOf(all))}`
  return fact + inRequests(waited.length, all)
}

/**
 * `Queued up to 258 ms before this process saw it, up to 200 ms of it behind GET /report.`
 */
export function queuedSentence(queued: QueuedTime, locate: Locate): string {
  const { bounds, waited, all } = queued
  const before = all.length > 1 ? 'before their process saw them' : 'before this process saw it'
  const fact = `Queued ${boundsText(bounds)} ${before}${behind(queued, locate)}`
  const others = waited.reduce((sum, meta) => sum + meta.queued!.othersKeptOut, 0)
  return `${fact}${inRequests(waited.length, all)}${worst(waited)}.${keptOut(others)}`
}

/**
 * `, behind GET /report in add (report.js:12)`, `, up to 200 ms of it behind background work`; ''
 * where nobody can be named.
 */
export function behind({ bounds, waited }: QueuedTime, locate: Locate): string {
  const culprit = longest(waited.flatMap(({ queued }) => queued!.by))
  if (culprit === null || culprit.micros < mostOf(bounds) * LEAST_SHARE) return ''
  const { title, micros, frame, frameMicros } = culprit
  const part = boundsOfPart(micros, bounds)
  const lead = isAlmostAll(micros, mostOf(bounds)) ? '' : `${boundsText(part)} of it `
  const place = frame.name === '' ? '' : named(frame, locate)
  const isNamed = place !== '' && frameMicros >= micros * MOST
  const isOurs = isNamed && title === BACKGROUND && frame.name === PROFILER
  if (title === UNKNOWN || isOurs) return `, ${lead}behind ${place}`
  const where = isNamed ? partText(frameMicros, part, `in ${place}`) : ''
  return `, ${lead}behind ${whoOf(title)}${where}`
}

// --- internal ---

const LEAST_MICROS = 5000
/** Of the time that the client waited; of the queue, for who was longest in the way. */
const LEAST_SHARE = 0.1
/** Of a culprit's time, for a function to be named. */
const MOST = 0.5

interface Place {
  readonly frame: Frame
  micros: Micros
}

interface Longest {
  readonly title: string
  readonly micros: Micros
  /** Where most of it was. */
  readonly frame: Frame
  readonly frameMicros: Micros
}

function isMuch(micros: Micros, durationMicros: Micros): boolean {
  return micros >= Math.max(LEAST_MICROS, (durationMicros + micros) * LEAST_SHARE)
}

function durationOf(all: readonly DumpMeta[]): Micros {
  return all.reduce((sum, { durationMicros }) => sum + durationMicros, 0)
}

/** By route where that is known, else by function; null where neither is. */
function longest(by: readonly QueueCulprit[]): Longest | null {
  const owners = new Map<string, { title: string; places: Map<string, Place> }>()
  for (const { title, name, file, line, micros } of by) {
    if (title === UNKNOWN && name === '') continue
    const frame = { name, file, line, column: 0 }
    const key = frameKey(frame)
    const owner = title === UNKNOWN ? title + key : title
    const { places } = getOrAdd(owners, owner, () => ({ title, places: new Map() }))
    getOrAdd(places, key, () => ({ frame, micros: 0 })).micros += micros
  }
  let found: Longest | null = null
  for (const { title, places } of owners.values()) {
    let micros = 0
    let most: Place | null = null
    for (const place of places.values()) {
      micros += place.micros
      if (most === null || place.micros > most.micros) most = place
    }
    if (most !== null && (found === null || micros > found.micros))
      found = { title, micros, frame: most.frame, frameMicros: most.micros }
  }
  return found
}

function getOrAdd<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function worst(waited: readonly DumpMeta[]): string {
  if (waited.length < 2) return ''
  const all = waited.map((meta) => queuedOf(meta)!)
  return `, at worst ${boundsText(all.reduce((a, b) => (mostOf(b) > mostOf(a) ? b : a)))}`
}

function keptOut(others: number): string {
  if (others === 0) return ''
  const who = counted(others, 'other request')
  return ` ${who} waited behind the same and ${others === 1 ? 'was' : 'were'} not kept.`
}
