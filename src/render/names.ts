/** What functions, culprits and recordings are called in sentences. All texts are printable. */

import { printable } from '../printable.js'
import { GC, PROFILER, UNKNOWN } from '../profile/frames.js'
import type { Kind } from '../profile/kinds.js'
import type { DumpMeta, Frame } from '../profile/profile.js'
import { count } from './measure.js'
import type { Locate } from './paths.js'

/** How the sampler names code of no known request. */
export const BACKGROUND = 'background'

/** `renderPdf (src/report.ts:88)`, `garbage collection` */
export function named(frame: Frame, locate: Locate): string {
  const inWords = NO_FUNCTIONS.get(frame.name)
  if (inWords !== undefined) return inWords
  const place = locate(frame)
  return printable(frame.name) + (place === '' ? '' : ` (${printable(place)})`)
}

/** Who was in the way: `GET /report`, `background work`, `unknown code`. */
export function whoOf(title: string): string {
  if (title === UNKNOWN) return 'unknown code'
  return title === BACKGROUND ? 'background work' : printable(title)
}

/** What recordings are called together. */
export function nounFor(sources: readonly DumpMeta[]): 'request' | 'stall' | 'recording' {
  const isAll = (wanted: Kind) => sources.every(({ kind }) => kind === wanted)
  return isAll('request') ? 'request' : isAll('stall') ? 'stall' : 'recording'
}

/** The same of so many, of which only some may be dumps of ours. */
export function nounOf(count: number, sources: readonly DumpMeta[]): string {
  if (sources.length === 0) return 'profile'
  return sources.length < count ? 'recording' : nounFor(sources)
}

/** `, in 38 of 41 requests`; '' for a single one. */
export function inRequests(some: number, sources: readonly DumpMeta[]): string {
  if (sources.length < 2) return ''
  const all = count(sources.length)
  return `, in ${some < sources.length ? `${count(some)} of ${all}` : all} ${nounFor(sources)}s`
}

// --- internal ---

/** What frames that are no functions are called. */
const NO_FUNCTIONS = new Map<string, string>([
  [PROFILER, "profview's own work"],
  [GC, 'garbage collection'],
])
