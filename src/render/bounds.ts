/**
 * What is said of a time of which only bounds are known: when it is as good as exact, when it is a
 * range, and when it is "up to" is decided here and nowhere else.
 */
import type { Micros } from '../profile/profile.js'
import { duration, joined } from './measure.js'

export interface Bounds {
  readonly min: Micros
  /** Null: there is none. */
  readonly max: Micros | null
}

export function exactly(micros: Micros): Bounds {
  return { min: micros, max: micros }
}

/** Of a time of which the part `upToMicros` is an upper bound. */
export function boundsOf(micros: Micros, upToMicros: Micros): Bounds {
  return { min: micros - upToMicros, max: micros }
}

/** Of times that came one after the other. */
export function sumOfBounds(all: readonly Bounds[]): Bounds {
  let min = 0
  let max: Micros | null = 0
  for (const each of all) {
    min += each.min
    max = max === null || each.max === null ? null : max + each.max
  }
  return { min, max }
}

/**
 * Of a part of a time, as far as the bounds of the whole tell: what is too much in the whole may
 * all be in the part.
 *
 *     200 ms of 120 to 258 ms  =  62 to 200 ms
 */
export function boundsOfPart(part: Micros, whole: Bounds): Bounds {
  const tooMuch = whole.max === null ? 0 : whole.max - whole.min
  return { min: Math.max(0, part - tooMuch), max: part }
}

/** The most that it can be, as far as that is known. */
export function mostOf({ min, max }: Bounds): Micros {
  return max ?? min
}

/** Is a part all of it, for people? */
export function isAlmostAll(part: number, whole: number): boolean {
  return part >= whole * ALMOST_ALL
}

/** `152 ms`, `100 to 152 ms`, `up to 152 ms`, `at least 152 ms`. Bounds that read alike are one. */
export function boundsText(bounds: Bounds, write = duration): string {
  const most = write(mostOf(bounds))
  switch (certaintyOf(bounds)) {
    case 'exact':
      return most
    case 'between': {
      const least = write(bounds.min)
      return least === most ? most : joined(least, 'to', most)
    }
    default:
      return `${certaintyOf(bounds)} ${most}`
  }
}

/** Behind a time that is written already: ` (up to)`, ` (at least 100 ms)`, '' */
export function certaintyNote(bounds: Bounds): string {
  switch (certaintyOf(bounds)) {
    case 'exact':
      return ''
    case 'between': {
      const least = duration(bounds.min)
      return least === duration(mostOf(bounds)) ? '' : ` (at least ${least})`
    }
    default:
      return ` (${certaintyOf(bounds)})`
  }
}

/**
 * ` in f` where it is all of it; `, 168 ms of it in f` and `, up to 168 ms of it in f` where it is
 * not.
 */
export function partText(part: Micros, whole: Bounds, where: string): string {
  if (isAlmostAll(part, mostOf(whole))) return ` ${where}`
  return `, ${boundsText(boundsOfPart(part, whole))} of it ${where}`
}

// --- internal ---

type Certainty = 'exact' | 'between' | 'up to' | 'at least'

function certaintyOf({ min, max }: Bounds): Certainty {
  if (max === null) return 'at least'
  if (isAlmostAll(min, max)) return 'exact'
  // What is next to nothing is no bound worth a word.
  return isAlmostAll(max - min, max) ? 'up to' : 'between'
}

/** From this share on. */
const ALMOST_ALL = 0.95
