/**
 * A recording's timeline: every microsecond between its start and its end goes to one stack and one
 * account (DESIGN, "The one idea").
 *
 *   own segments    ──██████──────███──────      its samples, below the logical caller
 *   between them    ▒▒      ▒▒░░▒▒   ▒▒▒▒▒▒      idle: [await]; others' segments: [blocked]
 *
 * Pieces are laid end to end and rounded on their running sum, so that they add up to the duration
 * exactly.
 */

import type { Account } from '../profile/accounts.js'
import { ProfileBuilder } from '../profile/builder.js'
import { awaitFrame, BLOCKED, GC, PROFILER, UNKNOWN } from '../profile/frames.js'
import { PENDING_LABEL } from '../profile/labels.js'
import { emptyLedger } from '../profile/ledger.js'
import type { LabelSetIndex, Ledger, Profile, StackIndex } from '../profile/profile.js'
import {
  BACKGROUND,
  COLLECTING,
  type Finished,
  OURSELVES,
  PROFILING,
  UNSEEN,
} from '../sampler/window.js'
import { placeSamples } from './assign-samples.js'
import { LogicalStacks, type Table } from './logical-stacks.js'
import type { Span } from './slice.js'

export function assemble(recording: Finished, table: Table, span: Span): Profile {
  return new Assembly(recording, table, span).profile()
}

// --- internal ---

/**
 * Others' segments shorter than this (ms) are added up per wait instead of being shown one by one.
 */
const SHORT = 0.1

class Assembly {
  readonly #recording: Finished
  readonly #table: Table
  readonly #span: Span
  readonly #placed: ReturnType<typeof placeSamples>
  readonly #builder = new ProfileBuilder()
  readonly #stacks: LogicalStacks
  readonly #ledger = emptyLedger()
  /** End of the last piece, ms since the start. */
  #at = 0
  #samples = 0
  /** Of the pieces of a wait during which more than one thing was waited for. */
  #labelSet: LabelSetIndex = 0

  constructor(recording: Finished, table: Table, span: Span) {
    this.#recording = recording
    this.#table = table
    this.#stacks = new LogicalStacks(table, this.#builder)
    this.#placed = placeSamples(recording, table, span)
    this.#span = { ...span, segments: this.#placed.segments }
  }

  profile(): Profile {
    const { start, end, ownerId, chain, meta } = this.#recording
    const { segments, knownFrom } = this.#span
    let cursor = Math.min(end, knownFrom)
    let first = this.#recording.hooked && cursor === start
    this.#piece(this.#stacks.adopt(-1), cursor - start, 'unknown')
    for (let i = 0; i < segments.start.length; i++) {
      if (segments.owner[i] !== ownerId) continue
      const from = Math.max(cursor, segments.start[i]!)
      const to = Math.min(end, segments.end[i]!)
      if (to <= from) continue
      const caller = segments.chain[i]! === -1 ? chain : segments.chain[i]!
      if (first) this.#prepare(from - cursor)
      else this.#wait(cursor, from, caller, segments.what[i]!, segments.others[i]!)
      first = false
      this.#run(i, from, to, caller)
      cursor = to
    }
    this.#wait(cursor, end, chain, meta.kind === 'request' ? 'response' : '')
    // The pieces' own sum: rounding start and end apart from them may differ by a microsecond.
    const durationMicros = Math.round(this.#at * 1000)
    const ledger: Ledger = this.#ledger
    const warnings = this.#caveats()
    return this.#builder.build({
      name: this.#span.titleOf(ownerId),
      timeline: true,
      sources: [{ ...meta, durationMicros, samples: this.#samples, ledger, warnings }],
      warnings,
    })
  }

  /** What the dump says of itself that only the desk knows. */
  #caveats(): readonly string[] {
    const { start, end, meta } = this.#recording
    const forgotten = Math.min(end, this.#span.knownFrom) - start
    if (forgotten < 1) return meta.warnings
    return [...meta.warnings, `nothing is known of its first ${Math.round(forgotten)} ms any more`]
  }

  /** Before its own code runs, a recording is being set up. */
  #prepare(duration: number): void {
    const caller = this.#stacks.adopt(this.#recording.chain)
    this.#piece(this.#stacks.synthetic(caller, PROFILER), duration, 'profiler')
  }

  /** The request's own code: each sample owns the time half-way to its neighbours. */
  #run(segment: number, from: number, to: number, caller: number): void {
    const samples = this.#placed.bySegment.get(segment) ?? []
    this.#samples += samples.length
    if (samples.length === 0) this.#piece(this.#stacks.adopt(caller), to - from, 'cpu')
    const intervalMs = this.#recording.meta.intervalMicros / 1000
    let below = this.#stacks.adopt(caller)
    this.#eachShare(samples, from, to, (stack, duration) => {
      const kind = this.#table.kind[stack]!
      if (kind === COLLECTING) return this.#piece(this.#stacks.synthetic(below, GC), duration, 'gc')
      below = this.#stacks.join(stack, caller)
      // One look at our own work says nothing of the time in which nobody looked.
      const ours = kind === PROFILING ? Math.min(duration, intervalMs) : 0
      this.#piece(below, duration - ours, 'cpu')
      this.#piece(this.#stacks.synthetic(below, PROFILER), ours, 'profiler')
    })
  }

  /** Between two own segments. */
  #wait(from: number, to: number, caller: number, what: string, others = ''): void {
    if (to <= from) return
    if (others !== '') this.#labelSet = this.#builder.labelSet([[PENDING_LABEL, others]])
    const { segments } = this.#span
    const waiting = this.#builder.stack(
      this.#stacks.adopt(caller),
      this.#builder.frame(awaitFrame(what)),
    )
    const short = new Map<number, number>()
    let cursor = from
    for (let i = this.#placed.firstAfter(from); i < segments.start.length; i++) {
      if (segments.start[i]! >= to) break
      if (segments.owner[i] === this.#recording.ownerId) continue
      const start = Math.max(cursor, segments.start[i]!)
      const end = Math.min(to, segments.end[i]!)
      if (end <= start) continue
      const samples = this.#placed.bySegment.get(i) ?? []
      if (end - start < SHORT && samples.length === 0) {
        const owner = segments.owner[i]!
        short.set(owner, (short.get(owner) ?? 0) + end - start)
        this.#piece(waiting, start - cursor, 'await')
      } else {
        this.#piece(waiting, start - cursor, 'await')
        this.#blocked(waiting, caller, segments.owner[i]!, samples, start, end)
      }
      cursor = end
    }
    this.#piece(waiting, to - cursor, 'await')
    for (const [owner, duration] of short) this.#blocked(waiting, caller, owner, [], 0, duration)
    this.#labelSet = 0
  }

  #blocked(
    waiting: StackIndex,
    caller: number,
    owner: number,
    samples: readonly number[],
    from: number,
    to: number,
  ): void {
    if (owner === UNSEEN) {
      return this.#piece(
        this.#stacks.synthetic(this.#stacks.adopt(caller), UNKNOWN),
        to - from,
        'unknown',
      )
    }
    if (owner === OURSELVES) {
      return this.#piece(
        this.#stacks.synthetic(this.#stacks.adopt(caller), PROFILER),
        to - from,
        'profiler',
      )
    }
    const blocked = this.#stacks.synthetic(waiting, BLOCKED)
    const culprit = (id: number) =>
      this.#stacks.synthetic(blocked, this.#span.titleOf(id) || 'background')
    if (samples.length === 0) this.#piece(culprit(owner), to - from, 'blocked')
    this.#eachShare(samples, from, to, (stack, duration, label) => {
      let below = culprit(owner === BACKGROUND ? label : owner)
      for (const frame of this.#stacks.path(stack)) below = this.#builder.stack(below, frame)
      this.#piece(below, duration, 'blocked')
    })
  }

  #eachShare(
    samples: readonly number[],
    from: number,
    to: number,
    each: (stack: number, duration: number, label: number) => void,
  ): void {
    const { time, stack, owner } = this.#span.samples
    let start = from
    for (let i = 0; i < samples.length; i++) {
      const next = samples[i + 1]
      const middle = next === undefined ? to : (time[samples[i]!]! + time[next]!) / 2
      const end = Math.min(to, Math.max(start, middle))
      each(stack[samples[i]!]!, end - start, owner[samples[i]!]!)
      start = end
    }
  }

  /** Appends a piece of the timeline. */
  #piece(stack: StackIndex, duration: number, account: Account): void {
    const end = this.#at + duration
    const weight = Math.round(end * 1000) - Math.round(this.#at * 1000)
    this.#at = end
    if (weight === 0) return
    this.#ledger[account] += weight
    this.#builder.sample(stack, weight, this.#labelSet)
  }
}
