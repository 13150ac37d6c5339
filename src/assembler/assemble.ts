/**
 * A recording's timeline: every microsecond between its start and its end goes to one stack and one
 * account, so that the accounts add up to what the client waited for.
 *
 *   own segments    ──██████──────███──────      its samples, below the logical caller
 *   between them    ▒▒      ▒▒░░▒▒   ▒▒▒▒▒▒      idle: [await]; others' segments: [blocked]
 *
 * Stretches are laid end to end and rounded on their running sum, so that they add up to the
 * duration exactly.
 */

import type { Account } from '../profile/accounts.js'
import { ProfileBuilder } from '../profile/builder.js'
import { awaitFrame, BLOCKED, GC, OFFCPU, PROFILER, UNKNOWN } from '../profile/frames.js'
import { PENDING_LABEL } from '../profile/labels.js'
import { emptyLedger } from '../profile/ledger.js'
import type { LabelSetIndex, Ledger, Profile, StackIndex, Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import {
  BACKGROUND,
  CODE,
  COLLECTING,
  type Finished,
  OURSELVES,
  PROFILING,
  UNSEEN,
} from '../sampler/window.js'
import { assignSamples } from './assign-samples.js'
import { LogicalStacks, type ThreadStacks } from './logical-stacks.js'
import { machineTime } from './machine-time.js'
import { type OffCpu, offCpuOf } from './off-cpu.js'
import { ownShares } from './own-shares.js'
import type { Slice } from './slice.js'
import { WaitLengths } from './wait-lengths.js'

export function assemble(recording: Finished, table: ThreadStacks, slice: Slice): Profile {
  return new Assembly(recording, table, slice).profile()
}

// --- internal ---

/**
 * Others' segments shorter than this (ms) are added up per wait instead of being shown one by one.
 */
const SHORT = 0.1
const NO_CPU_TIME = warning(
  'no-cpu-time',
  'cpu may hold time off the CPU: this system does not tell a thread’s CPU time',
)

class Assembly {
  readonly #recording: Finished
  readonly #table: ThreadStacks
  readonly #slice: Slice
  readonly #assigned: ReturnType<typeof assignSamples>
  readonly #builder = new ProfileBuilder()
  readonly #stacks: LogicalStacks
  readonly #offCpu: OffCpu
  readonly #ledger = emptyLedger()
  /** End of the last stretch, ms since the start. */
  #at = 0
  #samples = 0
  readonly #waits: WaitLengths
  /** Of the stretches of a wait during which more than one thing was waited for. */
  #labelSet: LabelSetIndex = 0

  constructor(recording: Finished, table: ThreadStacks, slice: Slice) {
    this.#recording = recording
    this.#table = table
    this.#stacks = new LogicalStacks(table, this.#builder)
    this.#waits = new WaitLengths(recording)
    this.#assigned = assignSamples(recording, table, slice)
    this.#slice = { ...slice, segments: this.#assigned.segments }
    this.#offCpu = offCpuOf(this.#slice, table, !recording.hasRunSegments)
  }

  profile(): Profile {
    const { start, end, contextId, chain, meta } = this.#recording
    const { segments, knownFrom } = this.#slice
    let cursor = Math.min(end, knownFrom)
    let first = this.#recording.hasRunSegments && cursor === start
    this.#append(this.#stacks.adopt(-1), cursor - start, 'unknown')
    for (let i = 0; i < segments.start.length; i++) {
      if (segments.context[i] !== contextId) continue
      const from = Math.max(cursor, segments.start[i]!)
      const to = Math.min(end, segments.end[i]!)
      if (to <= from) continue
      const caller = segments.chain[i]! === -1 ? chain : segments.chain[i]!
      if (first) this.#prepare(from - cursor)
      else this.#waiting(cursor, from, caller, segments.what[i]!, segments.pending[i]!)
      first = false
      this.#running(i, from, to, caller)
      cursor = to
    }
    this.#waiting(cursor, end, chain, meta.kind === 'request' ? 'response' : '')
    // The stretches' own sum: rounding start and end apart from them may differ by a microsecond.
    const durationMicros = Math.round(this.#at * 1000)
    const ledger: Ledger = this.#ledger
    const warnings = this.#warnings()
    const machine = machineTime(this.#slice.machine, start, end, ledger.offcpu)
    return this.#builder.build({
      name: this.#slice.titleOf(contextId),
      timeline: true,
      waits: this.#waits.finish(),
      sources: [{ ...meta, durationMicros, samples: this.#samples, ledger, machine, warnings }],
      warnings: warnings.map(({ text }) => text),
    })
  }

  /** What the dump says of itself that only the assembler knows. */
  #warnings(): readonly Warning[] {
    const { start, end, meta } = this.#recording
    const warnings = [...meta.warnings]
    const forgotten = Math.min(end, this.#slice.knownFrom) - start
    if (forgotten >= 1) {
      const text = `nothing is known of its first ${Math.round(forgotten)} ms any more`
      warnings.push(warning('forgotten', text))
    }
    if (!this.#slice.hasCpuTime) warnings.push(NO_CPU_TIME)
    return warnings
  }

  /** Before its own code runs, a recording is being set up. */
  #prepare(duration: number): void {
    const caller = this.#stacks.adopt(this.#recording.chain)
    this.#append(this.#stacks.synthetic(caller, PROFILER), duration, 'profiler')
  }

  /** The request's own code. */
  #running(segment: number, from: number, to: number, caller: number): void {
    const samples = this.#assigned.bySegment.get(segment) ?? []
    this.#samples += samples.length
    const intervalMs = this.#recording.meta.intervalMicros / 1000
    const { time, stack } = this.#slice.samples
    let below = this.#stacks.adopt(caller)
    ownShares(samples, time, from, to, this.#offCpu, (sample, off, on) => {
      const kind = sample === null ? CODE : this.#table.kind[stack[sample]!]!
      if (kind === COLLECTING) {
        // Its helpers may work while the thread waits for them, and is sampled all the same.
        const helped = Math.min(off, intervalMs)
        if (off > helped)
          this.#append(this.#stacks.synthetic(below, OFFCPU), off - helped, 'offcpu')
        return this.#append(this.#stacks.synthetic(below, GC), helped + on, 'gc')
      }
      if (sample !== null) below = this.#stacks.join(stack[sample]!, caller)
      if (off > 0) this.#append(this.#stacks.synthetic(below, OFFCPU), off, 'offcpu')
      // One sample of our own work says nothing of the time between samples.
      const ours = kind === PROFILING ? Math.min(on, intervalMs) : 0
      this.#append(below, on - ours, 'cpu')
      this.#append(this.#stacks.synthetic(below, PROFILER), ours, 'profiler')
    })
  }

  /** Between two own segments. */
  #waiting(from: number, to: number, caller: number, what: string, pending = ''): void {
    if (to <= from) return
    if (pending !== '') this.#labelSet = this.#builder.labelSet([[PENDING_LABEL, pending]])
    const { segments } = this.#slice
    const waiting = this.#builder.stack(
      this.#stacks.adopt(caller),
      this.#builder.frame(awaitFrame(what)),
    )
    const short = new Map<number, number>()
    let cursor = from
    for (let i = this.#assigned.firstAfter(from); i < segments.start.length; i++) {
      if (segments.start[i]! >= to) break
      if (segments.context[i] === this.#recording.contextId) continue
      const start = Math.max(cursor, segments.start[i]!)
      const end = Math.min(to, segments.end[i]!)
      if (end <= start) continue
      const samples = this.#assigned.bySegment.get(i) ?? []
      if (end - start < SHORT && samples.length === 0) {
        const context = segments.context[i]!
        short.set(context, (short.get(context) ?? 0) + end - start)
        this.#append(waiting, start - cursor, 'await')
      } else {
        this.#append(waiting, start - cursor, 'await')
        this.#blocked(waiting, caller, segments.context[i]!, samples, start, end)
      }
      cursor = end
    }
    this.#append(waiting, to - cursor, 'await')
    for (const [context, duration] of short)
      this.#blocked(waiting, caller, context, [], 0, duration)
    this.#labelSet = 0
    this.#waits.ended(waiting)
  }

  #blocked(
    waiting: StackIndex,
    caller: number,
    context: number,
    samples: readonly number[],
    from: number,
    to: number,
  ): void {
    if (context === UNSEEN) {
      return this.#append(
        this.#stacks.synthetic(this.#stacks.adopt(caller), UNKNOWN),
        to - from,
        'unknown',
      )
    }
    if (context === OURSELVES) {
      return this.#append(
        this.#stacks.synthetic(this.#stacks.adopt(caller), PROFILER),
        to - from,
        'profiler',
      )
    }
    const blocked = this.#stacks.synthetic(waiting, BLOCKED)
    const culprit = (id: number) =>
      this.#stacks.synthetic(blocked, this.#slice.titleOf(id) || 'background')
    if (samples.length === 0) this.#append(culprit(context), to - from, 'blocked')
    this.#eachShare(samples, from, to, (stack, duration, label) => {
      let below = culprit(context === BACKGROUND ? label : context)
      for (const frame of this.#stacks.path(stack)) below = this.#builder.stack(below, frame)
      this.#append(below, duration, 'blocked')
    })
  }

  #eachShare(
    samples: readonly number[],
    from: number,
    to: number,
    each: (stack: number, duration: number, label: number) => void,
  ): void {
    const { time, stack, context } = this.#slice.samples
    let start = from
    for (let i = 0; i < samples.length; i++) {
      const next = samples[i + 1]
      const middle = next === undefined ? to : (time[samples[i]!]! + time[next]!) / 2
      const end = Math.min(to, Math.max(start, middle))
      each(stack[samples[i]!]!, end - start, context[samples[i]!]!)
      start = end
    }
  }

  /** Appends a stretch to the timeline. */
  #append(stack: StackIndex, duration: number, account: Account): void {
    const end = this.#at + duration
    const weight = Math.round(end * 1000) - Math.round(this.#at * 1000)
    this.#at = end
    if (weight === 0) return
    this.#ledger[account] += weight
    this.#waits.add(account, weight)
    this.#builder.sample(stack, weight, this.#labelSet)
  }
}
