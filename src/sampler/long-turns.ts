/**
 * Stretches in which the loop was too busy to look for what had come in. That a turn was long is
 * known when it ends; whether the loop slept in it, and when, its samples say (`busy-spans.ts`).
 */
import { IDLE } from '../profile/frames.js'
import type { Stall } from '../profile/profile.js'
import { type BusySpan, busySpans, type Turn } from './busy-spans.js'
import { isPlumbing } from './engine-frames.js'
import type { NativeFrame, NativeSample } from './native-samples.js'
import {
  AFTER_POLL,
  ASLEEP,
  BEFORE_POLL,
  causeOf,
  GO_ON_BEFORE_POLL,
  IN_CHECK,
  NATIVE,
  type PhasedSamples,
  SAME_PHASE,
} from './stall-cause.js'
import type { BareWindow } from './window.js'

interface LongTurn extends Turn {
  /** It has not ended: of the last of its spans more is to come. */
  readonly goesOn: boolean
}

/** One that was long, and why. */
export interface LongSpan extends BusySpan {
  readonly cause: Stall['cause']
  /** It has not ended. */
  readonly goesOn: boolean
}

export type SpanFound = (span: LongSpan) => void

export class LongTurns {
  #longMs = Number.POSITIVE_INFINITY
  #isPerCallback = false
  #found: SpanFound = () => {}
  /** The last of the long turns ended, ms. */
  endedAt = Number.NEGATIVE_INFINITY
  /** Those of which not all samples have been seen. */
  #open: LongTurn[] = []
  /** Samples of turns that are open, or may become so. */
  #seen: { readonly to: number; readonly samples: PhasedSamples }[] = []

  /** From now on each span longer than this is told of, soon after it has ended; see `causeOf`. */
  watch(longMs: number, isPerCallback: boolean, found: SpanFound): void {
    this.#longMs = longMs
    this.#isPerCallback = isPerCallback
    this.#found = found
  }

  /** There are some of which not all samples have been seen. */
  get areOpen(): boolean {
    return this.#open.length > 0
  }

  /** Each turn; most are short. */
  ended(from: number, to: number, sleptMs: number): void {
    if (to - from < this.#longMs) return
    this.#open.push({ from, to, sleptMs, goesOn: false })
    this.endedAt = to
  }

  /** The turn that has not ended is told of with the next window, as far as it has come. */
  tellOpen(from: number, to: number, sleptMs: number): void {
    this.#open.push({ from, to, sleptMs, goesOn: true })
  }

  /** The next window, the samples that it was made of, and since when the loop is in this turn. */
  look(window: BareWindow, samples: readonly NativeSample[], turnFrom: number): void {
    const mayBeOpen = turnFrom < window.to && this.#longMs < Number.POSITIVE_INFINITY
    if (this.#open.length === 0 && !mayBeOpen) {
      this.#seen = []
      return
    }
    this.#seen.push({ to: window.to, samples: turnSamples(window, samples) })
    const ended = this.#open.filter(({ to }) => to <= window.to)
    this.#open = this.#open.filter(({ to }) => to > window.to)
    for (const turn of ended) this.#tell(turn)
    const from = Math.min(turnFrom, ...this.#open.map((turn) => turn.from))
    this.#seen = this.#seen.filter(({ to }) => to > from)
  }

  // --- internal ---

  #tell(turn: LongTurn): void {
    const samples = this.#samplesIn(turn)
    const { goesOn } = turn
    const spans = busySpans(turn, samples)
    for (const { from, to } of goesOn ? spans.slice(-1) : spans) {
      if (to - from < this.#longMs) continue
      if (!goesOn && !wasSeenToRun(from, to, samples)) continue
      const cause = causeOf(from, to, samples, this.#isPerCallback)
      this.#found({ from, to, cause, goesOn })
    }
  }

  #samplesIn({ from, to }: LongTurn): PhasedSamples {
    const [time, phase, unit, cpu]: number[][] = [[], [], [], []]
    for (const { samples } of this.#seen) {
      for (let i = 0; i < samples.time.length; i++) {
        const at = samples.time[i]!
        if (at < from || at > to) continue
        time!.push(at)
        phase!.push(samples.phase[i]!)
        unit!.push(samples.unit[i]!)
        cpu!.push(samples.cpu[i]!)
      }
    }
    return { time: time!, phase: phase!, unit: unit!, cpu: cpu! }
  }
}

// --- internal ---

/** A busy machine leaves samples out, of a loop that sleeps, too; of one that is busy not all. */
function wasSeenToRun(from: number, to: number, { time, phase }: PhasedSamples): boolean {
  for (let i = 0; i < time.length; i++)
    if (time[i]! > from && time[i]! < to && phase[i] !== ASLEEP) return true
  return false
}

function turnSamples(
  { sampleTime, sampleCpu }: BareWindow,
  samples: readonly NativeSample[],
): PhasedSamples {
  const phaseOf = new Map<readonly NativeFrame[], number>()
  const shown = samples.filter(({ frames }) => frames !== null)
  shown.sort((a, b) => a.epochMicros - b.epochMicros)
  const phase = Uint8Array.from(shown, ({ frames }, i) => {
    let known = phaseOf.get(frames!)
    if (known === undefined) {
      known = phaseOfStack(frames!)
      phaseOf.set(frames!, known)
    }
    const gap = i === 0 ? 0 : sampleTime[i]! - sampleTime[i - 1]!
    // Native code without a caller, of which V8 knows nothing.
    return known === ASLEEP && gap > 0 && sampleCpu[i]! > gap / 2 ? NATIVE : known
  })
  // Copies: a window's columns are gone from this thread once it has been handed over.
  const [time, cpu] = [sampleTime.slice(), sampleCpu.slice()]
  return { time, phase, unit: shown.map(({ unit }) => unit), cpu }
}

function phaseOfStack(frames: readonly NativeFrame[]): number {
  // Where hooks are on, Node calls everything through this.
  const outermost = frames.findLast(({ name }) => name !== 'callbackTrampoline')
  if (outermost === undefined) return SAME_PHASE
  const { name, file } = outermost
  if (file === '') return name === IDLE ? ASLEEP : SAME_PHASE
  if (!file.startsWith('node:')) return SAME_PHASE
  const phase = { processTimers: BEFORE_POLL, processImmediate: IN_CHECK }[name]
  if (phase !== undefined) return goesOn(frames) ? GO_ON_BEFORE_POLL : phase
  return isPlumbing({ file }) ? SAME_PHASE : AFTER_POLL
}

function goesOn(frames: readonly NativeFrame[]): boolean {
  return frames.slice(-OUTERMOST).some(({ name }) => GO_ON.includes(name))
}

/** Of a stack, as many frames may be Node's before it comes to promises and ticks. */
const OUTERMOST = 6
const GO_ON = ['runMicrotasks', 'processTicksAndRejections']
