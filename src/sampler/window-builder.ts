import { Float64Column, Int32Column } from '../profile/columns.js'
import type { Steps } from '../profile/steps.js'
import type { Segments } from './async/segments.js'
import type { WaitColumns } from './async/wait-log.js'
import { nameOf } from './async/wait-names.js'
import { chainOf, type Wait } from './async/waits.js'
import type { ClockOffset } from './clock.js'
import type { TurnColumns } from './loop-turns.js'
import type { MachineColumns } from './machine-log.js'
import type { NativeSample } from './native-samples.js'
import type { StackTable } from './stack-table.js'
import { BACKGROUND, type BareWindow, type Window } from './window.js'

/** How far the samples' clock is ahead of the segments'. */
type Epoch = Pick<ClockOffset, 'observe' | 'calibrate' | 'value' | 'uncertainty'>

/** What a window says besides its samples, segments and turns. */
export interface Facts
  extends Pick<Window, 'from' | 'to' | 'keepFrom'>,
    MachineColumns,
    WaitColumns {
  /** CPU time of the thread from the window's start to its end, ms. */
  readonly windowCpu: number
  /** The part of it before the first sample that nobody looked at any more. */
  readonly cpuLeftOut: number
}

/** Puts a rotation's samples and segments into columns. */
export class WindowBuilder {
  readonly #stacks: StackTable
  readonly #samples: readonly NativeSample[]
  readonly #segments: Segments
  readonly #turns: TurnColumns
  readonly #epoch: Epoch
  readonly #facts: Facts
  readonly #chain: Int32Array
  readonly #what: Int32Array
  readonly #pending: Int32Array
  readonly #answer: Int32Array
  readonly #texts: string[] = []
  readonly #textIndexes = new Map<string, number>()

  constructor(
    stacks: StackTable,
    samples: readonly NativeSample[],
    segments: Segments,
    turns: TurnColumns,
    epoch: Epoch,
    facts: Facts,
  ) {
    this.#stacks = stacks
    this.#samples = samples
    this.#segments = segments
    this.#turns = turns
    this.#epoch = epoch
    this.#facts = facts
    this.#chain = new Int32Array(segments.start.length).fill(-1)
    this.#what = new Int32Array(segments.start.length).fill(-1)
    this.#pending = new Int32Array(segments.start.length).fill(-1)
    this.#answer = new Int32Array(segments.start.length)
  }

  *steps(): Steps<BareWindow> {
    yield* this.#resume()
    const samples = yield* this.#sampled()
    // The map of one file may take ten milliseconds to decode.
    while (this.#stacks.settleNext()) yield this.#epoch.observe()
    yield* this.#epoch.calibrate()
    return this.#window(samples)
  }

  // --- internal ---

  /** What the segments continue. One captured stack may take a tenth of a millisecond to read. */
  *#resume(): Steps<void> {
    const { wait, pending } = this.#segments
    for (let i = 0; i < wait.length; i++) {
      const next = wait[i]
      if (next === null || next === undefined) {
        if (i % NO_TIME === 0) yield
        continue
      }
      chainOf(next, this.#stacks)
      const seen = next.knowsPlace ? next : this.#followUp(i)
      this.#chain[i] = seen.chain
      this.#what[i] = this.#text(nameOf(next, this.#stacks))
      this.#answer[i] = next.answer
      if (pending[i] !== '') this.#pending[i] = this.#text(pending[i]!)
      // The clock may tick over while we are at it: nobody has to watch it then.
      yield this.#epoch.observe()
    }
  }

  /**
   * Some promises are resumed that no code of the app has made. What comes of them in the same turn
   * of the loop knows where the app was waiting.
   */
  #followUp(segment: number): Wait {
    const { start, end, wait } = this.#segments
    const own = wait[segment]!
    for (let i = segment + 1; i < wait.length && i <= segment + SAME_TURN_SEGMENTS; i++) {
      const next = wait[i]
      if (next?.context !== own.context || start[i]! - end[i - 1]! > SAME_TURN_GAP_MS) break
      chainOf(next, this.#stacks)
      if (next.knowsPlace) return next
    }
    return own
  }

  #window({ sampleTime, ...samples }: SampleColumns): BareWindow {
    const { windowCpu, cpuLeftOut, ...facts } = this.#facts
    const { value: offset, uncertainty: precision } = this.#epoch
    this.#stacks.endWindow()
    return {
      sampleTime: sampleTime.map((epoch) => epoch - offset),
      ...samples,
      segmentStart: this.#segments.start,
      segmentEnd: this.#segments.end,
      segmentContext: this.#segments.context,
      segmentChain: this.#chain,
      segmentWhat: this.#what,
      segmentPending: this.#pending,
      segmentReady: this.#segments.ready,
      segmentTask: this.#segments.task,
      segmentReadyUpTo: this.#segments.readyUpTo,
      segmentSettled: this.#segments.settled,
      segmentAsked: this.#segments.asked,
      segmentSince: this.#segments.since,
      segmentAnswer: this.#answer,
      texts: this.#texts,
      turnAt: this.#turns.at,
      turnSlept: this.#turns.slept,
      precision,
      ...facts,
      tailCpu: Math.max(0, windowCpu - cpuLeftOut - this.#sampledCpu()),
    }
  }

  /** Times are still the wall clock's. */
  *#sampled(): Steps<SampleColumns> {
    const inOrder = [...this.#samples].sort((a, b) => a.epochMicros - b.epochMicros)
    yield
    const measured = inOrder.some(({ cpuNanos }) => cpuNanos > 0)
    const columns = {
      sampleTime: new Float64Column(inOrder.length),
      sampleStack: new Int32Column(inOrder.length),
      sampleContext: new Int32Column(inOrder.length),
      sampleCpu: new Float64Column(inOrder.length),
    }
    const hooked = this.#segments.wait.some((wait) => wait !== null)
    let cpu = this.#facts.cpuLeftOut
    for (const { epochMicros, cpuNanos, label, frames } of inOrder) {
      cpu += cpuNanos / 1e6
      // Left out: its CPU time is the next one's.
      if (frames === null) continue
      columns.sampleTime.push(epochMicros / 1000)
      columns.sampleStack.push(this.#stacks.sampled(frames, hooked))
      columns.sampleContext.push(label ?? BACKGROUND)
      columns.sampleCpu.push(measured ? cpu : Number.NaN)
      cpu = 0
      yield this.#epoch.observe()
    }
    return {
      sampleTime: columns.sampleTime.finish(),
      sampleStack: columns.sampleStack.finish(),
      sampleContext: columns.sampleContext.finish(),
      sampleCpu: columns.sampleCpu.finish(),
    }
  }

  #sampledCpu(): number {
    return this.#samples.reduce((sum, { cpuNanos }) => sum + cpuNanos / 1e6, 0)
  }

  #text(text: string): number {
    let index = this.#textIndexes.get(text)
    if (index === undefined) {
      index = this.#texts.push(text) - 1
      this.#textIndexes.set(text, index)
    }
    return index
  }
}

// --- internal ---

type SampleColumns = Pick<Window, 'sampleTime' | 'sampleStack' | 'sampleContext' | 'sampleCpu'>

/** So many segments that continue nothing take no time worth mentioning. */
const NO_TIME = 256
/** Segments this close to each other, ms, and at most so many, are of one turn of the loop. */
const SAME_TURN_GAP_MS = 0.05
const SAME_TURN_SEGMENTS = 8
