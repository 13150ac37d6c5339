import { nearestApps } from '../profile/nearest-app.js'
import type { Micros, Profile, StackIndex, WaitCount } from '../profile/profile.js'

/** The waits of one recording at each `[await]`, by when they began and how long they were. */
export class WaitSpans {
  readonly #byStack = new Map<StackIndex, Waits>()

  /** `begin`: ms; `answer`: what has the same number is one, and goes on; 0: it is one alone. */
  add(stack: StackIndex, begin: number, micros: Micros, answer = 0): void {
    const end = begin + micros / 1000
    const { spans, byAnswer } = this.#of(stack)
    const same = byAnswer.get(answer)
    if (same === undefined) {
      const span = { begin, end, micros }
      spans.push(span)
      if (answer !== 0) byAnswer.set(answer, span)
    } else {
      // What has gone on at the same time was one wait.
      same.micros += Math.max(0, Math.min(micros, Math.round((end - same.end) * 1000)))
      same.end = Math.max(same.end, end)
    }
  }

  /** By stack, as stacks of the profile. */
  finish(profile: Pick<Profile, 'frames' | 'stacks'>): WaitCount[] {
    const nearest = nearestApps(profile)
    const groupOf = (stack: StackIndex) => `${profile.stacks.frame[stack]} ${nearest[stack]}`
    const groups = new Map<string, Span[]>()
    for (const [stack, { spans }] of this.#byStack) {
      const group = groups.get(groupOf(stack)) ?? []
      for (const span of spans) group.push(span)
      groups.set(groupOf(stack), group)
    }
    const most = new Map([...groups].map(([group, spans]) => [group, mostAtOnce(spans)]))
    const waits = [...this.#byStack].map(([stack, { spans }]) => ({
      stack,
      labelSet: 0,
      count: spans.length,
      totalMicros: spans.reduce((sum, { micros }) => sum + micros, 0),
      longestMicros: spans.reduce((longest, { micros }) => Math.max(longest, micros), 0),
      mostAtOnce: most.get(groupOf(stack))!,
    }))
    return waits.sort((a, b) => a.stack - b.stack)
  }

  // --- internal ---

  #of(stack: StackIndex): Waits {
    let waits = this.#byStack.get(stack)
    if (waits === undefined) {
      waits = { spans: [], byAnswer: new Map() }
      this.#byStack.set(stack, waits)
    }
    return waits
  }
}

// --- internal ---

interface Span {
  readonly begin: number
  end: number
  micros: Micros
}

/** At one `[await]`. */
interface Waits {
  readonly spans: Span[]
  readonly byAnswer: Map<number, Span>
}

/** Ms: one that begins when another ends comes after it, whatever was rounded. */
const ROUNDING = 0.002

function mostAtOnce(spans: readonly Span[]): number {
  const begins = spans.map(({ begin }) => begin).sort((a, b) => a - b)
  const ends = spans.map(({ end }) => end).sort((a, b) => a - b)
  let most = 1
  let ended = 0
  for (let begun = 0; begun < begins.length; begun++) {
    while (ended < begun && ends[ended]! <= begins[begun]! + ROUNDING) ended++
    most = Math.max(most, begun + 1 - ended)
  }
  return most
}
