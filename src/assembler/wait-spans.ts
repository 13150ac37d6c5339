import { frameKind } from '../profile/frames.js'
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
    const groups = new Map<string, Span[][]>()
    const nearest = nearestApp(profile)
    for (const [stack, { spans }] of this.#byStack) {
      const key = `${profile.stacks.frame[stack]} ${nearest[stack]}`
      groups.set(key, [...(groups.get(key) ?? []), spans])
    }
    const most = new Map<Span[], number>()
    for (const group of groups.values()) {
      const atOnce = mostAtOnce(group.flat())
      for (const spans of group) most.set(spans, atOnce)
    }
    const waits = [...this.#byStack].map(([stack, { spans }]) => ({
      stack,
      labelSet: 0,
      count: spans.length,
      totalMicros: spans.reduce((sum, { micros }) => sum + micros, 0),
      longestMicros: spans.reduce((most, { micros }) => Math.max(most, micros), 0),
      mostAtOnce: most.get(spans)!,
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

/** For each stack the frame of the app that is nearest to its end; -1: none. */
function nearestApp({ frames, stacks }: Pick<Profile, 'frames' | 'stacks'>): Int32Array {
  const { frame, parent } = stacks
  const isApp = frames.map((each) => frameKind(each) === 'app')
  const nearest = new Int32Array(frame.length).fill(-1)
  for (let i = 1; i < frame.length; i++)
    nearest[i] = isApp[frame[i]!] ? frame[i]! : nearest[parent[i]!]!
  return nearest
}

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
