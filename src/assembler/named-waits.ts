/**
 * What a recording waited for whose awaits were not followed: answers and connections that were
 * noted, laid over its waiting. Where it waited for several at once, the time is that of the one
 * that took longest, so that each instant is told once.
 *
 *     noted   db ──────────      cache ────
 *                  cache ────────────
 *     told    db ──────────cache──────────     each as often, and as long, as it was waited for
 */
import type { Micros, StackIndex } from '../profile/profile.js'
import type { Finished } from '../sampler/window.js'
import type { Slice } from './slice.js'
import type { WaitSpans } from './wait-spans.js'

/** A stretch of waiting; `wait` is null where nobody knows for what. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly wait: NamedWait | null
}

export interface NamedWait {
  readonly begin: number
  end: number
  readonly what: string
  /** Of it, others were in the way although the answer was there, ms. */
  delayed: number
}

export class NamedWaits {
  /** By when they begin. */
  readonly #waits: readonly NamedWait[]
  readonly #stretches: readonly Stretch[]
  /** Where each name is told first. */
  readonly #told = new Map<string, StackIndex>()
  #next = 0

  constructor(recording: Finished, slice: Slice) {
    this.#waits = recording.meta.awaits ? [] : waitsOf(recording, slice)
    this.#stretches = longestFirst(this.#waits)
  }

  /** All of a stretch of waiting, in time order. Ask in rising order. */
  *of(from: number, to: number): Generator<Stretch> {
    const stretches = this.#stretches
    while (this.#next < stretches.length && stretches[this.#next]!.to <= from) this.#next++
    let cursor = from
    for (let i = this.#next; cursor < to && i < stretches.length; i++) {
      const { from: begin, to: end, wait } = stretches[i]!
      if (begin >= to) break
      if (begin > cursor) yield { from: cursor, to: begin, wait: null }
      yield { from: Math.max(cursor, begin), to: Math.min(to, end), wait }
      cursor = Math.min(to, end)
    }
    if (cursor < to) yield { from: cursor, to, wait: null }
  }

  /** What is waited for at a time not before the last stretch that was asked for; null: unknown. */
  at(time: number): string | null {
    for (let i = this.#next; i < this.#stretches.length; i++) {
      const { from, to, wait } = this.#stretches[i]!
      if (from > time) break
      if (time < to) return wait?.what ?? null
    }
    return null
  }

  /** What went on then was not waited for. */
  delay(from: number, to: number): void {
    for (const wait of this.#waits) {
      if (wait.begin >= to) break
      wait.delayed += Math.max(0, Math.min(to, wait.end) - Math.max(from, wait.begin))
    }
  }

  /** Told there. */
  tell(wait: NamedWait, stack: StackIndex): void {
    if (!this.#told.has(wait.what)) this.#told.set(wait.what, stack)
  }

  /** Counts those whose name is told, also where a longer one of it has the time. */
  countInto(spans: WaitSpans): void {
    for (const { begin, end, delayed, what } of this.#waits) {
      const micros: Micros = Math.round((end - begin - delayed) * 1000)
      const stack = this.#told.get(what)
      if (stack !== undefined) spans.add(stack, begin, micros)
    }
  }
}

// --- internal ---

/** As far as they are within the recording. */
function waitsOf({ contextId, start, end }: Finished, { waits }: Slice): NamedWait[] {
  const found = new Map<string, NamedWait>()
  for (let i = 0; i < waits.context.length; i++) {
    if (waits.context[i] !== contextId) continue
    const begin = Math.max(start, waits.begin[i]!)
    const until = Math.min(end, waits.end[i]!)
    const what = waits.what[i]!
    const key = `${waits.begin[i]} ${what}`
    const known = found.get(key)
    // What had not ended in one window has, perhaps, in a later one.
    if (known !== undefined) known.end = until
    else found.set(key, { begin, end: until, what, delayed: 0 })
  }
  return [...found.values()]
    .filter((wait) => wait.end > wait.begin)
    .sort((a, b) => a.begin - b.begin)
}

/** Where no two overlap: at each instant the longest of all then under way. */
function longestFirst(waits: readonly NamedWait[]): Stretch[] {
  const edges = [...new Set(waits.flatMap(({ begin, end }) => [begin, end]))].sort((a, b) => a - b)
  const stretches: Stretch[] = []
  let open: NamedWait[] = []
  let next = 0
  for (let i = 0; i + 1 < edges.length; i++) {
    const from = edges[i]!
    while (next < waits.length && waits[next]!.begin <= from) open.push(waits[next++]!)
    open = open.filter(({ end }) => end > from)
    const first = open[0]
    if (first === undefined) continue
    const wait = open.reduce((best, each) => (lengthOf(each) > lengthOf(best) ? each : best), first)
    stretches.push({ from, to: edges[i + 1]!, wait })
  }
  return stretches
}

function lengthOf({ begin, end }: NamedWait): number {
  return end - begin
}
