/** What the app's thread and the writer's share, to see a loop that does not come back. */
export interface BeatView {
  /** The last beat, ms of `hrtimeMs`. */
  readonly at: Float64Array
  /** 1: a debugger may be attached. */
  readonly isDebugged: Uint8Array
  /** How many hangs have been told of by the writer's thread alone. */
  readonly told: Int32Array
  /** When the last of them were, each at its number modulo the length, ms of `hrtimeMs`. */
  readonly toldAt: Float64Array
}

export const BEAT_MS = 250

export function beatIn(shared: SharedArrayBuffer): BeatView {
  return {
    at: new Float64Array(shared, 0, 1),
    isDebugged: new Uint8Array(shared, 8, 1),
    told: new Int32Array(shared, 12, 1),
    toldAt: new Float64Array(shared, 16, TOLD_KEPT),
  }
}

/** More than can last for a second each before the first of them is recorded. */
const TOLD_KEPT = 8
export const BEAT_BYTES = 16 + TOLD_KEPT * Float64Array.BYTES_PER_ELEMENT

/** A hang is over: its number, where one was told of between the two; null: none. */
export function toldBetween({ told, toldAt }: BeatView, from: number, to: number): number | null {
  const last = Atomics.load(told, 0)
  for (let number = last; number > Math.max(0, last - TOLD_KEPT); number--) {
    const at = toldAt[number % TOLD_KEPT]!
    if (at > from && at <= to) return number
  }
  return null
}

/** One is told of now; for the writer's thread. */
export function numberOfTold({ told, toldAt }: BeatView, at: number): number {
  const number = told[0]! + 1
  toldAt[number % TOLD_KEPT] = at
  return Atomics.store(told, 0, number)
}

/** The id of the dump of a hang of which only the writer's thread can tell, the how manieth. */
export function idOfTold(seed: string, told: number): string {
  // Ids that begin alike could not be told by a prefix.
  const first = (Number.parseInt(seed.slice(0, 8), 16) + told * 0x9e3779b1) % 2 ** 32
  return first.toString(16).padStart(8, '0') + seed.slice(8)
}

/** The thread's answer where it has not hung for long enough. */
export const SOON = 'soon'
