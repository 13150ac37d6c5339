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
import { BLOCKED_LABEL, PENDING_LABEL, ROUTE_LABEL, UP_TO } from '../profile/labels.js'
import { emptyLedger } from '../profile/ledger.js'
import type { LabelSetIndex, Ledger, Profile, StackIndex } from '../profile/profile.js'
import {
  BACKGROUND,
  CODE,
  COLLECTING,
  type Finished,
  NEIGHBOUR,
  OURSELVES,
  PROFILING,
  UNSEEN,
} from '../sampler/window.js'
import { assignSamples } from './assign-samples.js'
import { type LogicalStacks, type ThreadStacks, TitledStacks } from './logical-stacks.js'
import { machineTime } from './machine-time.js'
import { NamedWaits } from './named-waits.js'
import { type OffCpu, offCpuOf } from './off-cpu.js'
import { eachShare, OthersInWaits, type Part, summed } from './others-in-waits.js'
import { ownShares } from './own-shares.js'
import type { Slice } from './slice.js'
import { WaitEnds } from './wait-ends.js'
import { WaitLengths } from './wait-lengths.js'
import { warningsOf, withCuts } from './warnings-of.js'
import { partOf } from './whole-process.js'

export function assemble(recording: Finished, table: ThreadStacks, slice: Slice): Profile {
  return new Assembly(recording, table, slice).profile()
}

// --- internal ---

/**
 * Others' segments shorter than this (ms) are added up per wait instead of being shown one by one.
 */
const SHORT = 0.1

class Assembly {
  readonly #recording: Finished
  readonly #table: ThreadStacks
  readonly #slice: Slice
  readonly #assigned: ReturnType<typeof assignSamples>
  readonly #builder = new ProfileBuilder()
  readonly #titled: TitledStacks
  /** Of whoever's code is being put down. */
  #stacks: LogicalStacks
  readonly #offCpu: OffCpu
  readonly #ledger = emptyLedger()
  /** End of the last stretch, ms since the start. */
  #at = 0
  #samples = 0
  readonly #waits: WaitLengths
  readonly #ends: WaitEnds
  readonly #named: NamedWaits
  readonly #othersInWaits: OthersInWaits
  #blockedUpToMicros = 0
  /** What else was waited for, during the wait that is being put down. */
  #pending = ''

  constructor(recording: Finished, table: ThreadStacks, slice: Slice) {
    this.#recording = recording
    this.#table = table
    this.#titled = new TitledStacks(table, this.#builder)
    this.#stacks = this.#titled.of('')
    this.#named = new NamedWaits(recording, slice)
    this.#assigned = assignSamples(recording, table, slice)
    this.#slice = { ...slice, segments: this.#assigned.segments }
    this.#waits = new WaitLengths(recording, this.#slice.segments)
    this.#ends = new WaitEnds(recording, this.#slice.segments)
    this.#offCpu = offCpuOf(this.#slice, table, !recording.hasRunSegments)
    this.#othersInWaits = new OthersInWaits(recording, table, this.#slice, this.#assigned)
  }

  profile(): Profile {
    const { start, end, contextId, meta } = this.#recording
    const { segments, knownFrom } = this.#slice
    const { whole } = this.#assigned
    let cursor = Math.min(end, knownFrom)
    let first = this.#recording.hasRunSegments && cursor === start
    this.#append(this.#stacks.adopt(-1), cursor - start, 'unknown')
    for (let i = 0; i < segments.start.length; i++) {
      if (segments.context[i] !== contextId) continue
      const from = Math.max(cursor, segments.start[i]!)
      const to = Math.min(end, segments.end[i]!)
      if (to < from || (to === from && !whole?.unfollowed.has(i))) continue
      const ended = whole?.ends[i] ?? (first ? i : this.#ends.of(i, cursor))
      if (first) this.#prepare(from - cursor)
      else this.#waiting(cursor, from, ended, i)
      first = false
      this.#stacks = this.#stacksFor(i)
      this.#running(i, from, to, this.#callerOf(i))
      if (whole || ended === i) this.#waits.ran(i)
      cursor = to
    }
    this.#waiting(cursor, end, -1, -1)
    // The stretches' own sum: rounding start and end apart from them may differ by a microsecond.
    const durationMicros = Math.round(this.#at * 1000)
    const ledger: Ledger = this.#ledger
    const warnings = warningsOf(this.#recording, this.#slice, whole)
    const machine = machineTime(this.#slice.machine, start, end, ledger.offcpu)
    const samples = this.#samples
    const blockedUpToMicros = this.#blockedUpToMicros
    const facts = { durationMicros, samples, ledger, blockedUpToMicros, machine, warnings }
    const profile = this.#builder.build({
      name: this.#slice.titleOf(contextId),
      timeline: true,
      sources: [{ ...meta, ...facts }],
      warnings: warnings.map(({ text }) => text),
    })
    return withCuts({ ...profile, waits: this.#waits.finish(this.#named, profile) })
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
      // While its helpers work, the thread waits for them: that is no time off the CPU.
      if (kind === COLLECTING)
        return this.#append(this.#stacks.synthetic(below, GC), off + on, 'gc')
      if (sample !== null) below = this.#stacks.join(stack[sample]!, caller)
      if (off > 0) this.#append(this.#stacks.synthetic(below, OFFCPU), off, 'offcpu')
      // One sample of our own work says nothing of the time between samples.
      const ours = kind === PROFILING ? Math.min(on, intervalMs) : 0
      this.#append(below, on - ours, 'cpu')
      this.#append(this.#stacks.synthetic(below, PROFILER), ours, 'profiler')
    })
  }

  /** The code that goes on with an own segment; -1: with the recording's end. */
  #callerOf(segment: number): number {
    const chain = this.#slice.segments.chain[segment] ?? -1
    return chain === -1 ? this.#recording.chain : chain
  }

  /** Requests are told apart from the rest of their process. */
  #stacksFor(segment: number): LogicalStacks {
    const owner = this.#assigned.whole?.owners.get(segment)
    if (owner === undefined) return this.#titled.of('')
    return this.#titled.of(this.#slice.titleOf(owner) || this.#assigned.whole!.nameless)
  }

  /** Up to the `next` own segment, a part of the wait that `segment` ends; -1: the end. */
  #waiting(from: number, to: number, segment: number, next: number): void {
    if (to <= from) return
    const { segments } = this.#slice
    const caller = this.#callerOf(segment)
    this.#stacks = this.#stacksFor(segment)
    const what = this.#ends.nameOf(segment)
    this.#pending = segments.pending[segment] ?? ''
    const short: Part[] = []
    let cursor = from
    for (const part of this.#othersInWaits.of(from, to, segment)) {
      this.#idle(cursor, part.from, caller, what)
      this.#named.delay(part.from, part.to)
      if (part.to - part.from < SHORT && part.samples.length === 0) short.push(part)
      else this.#others(part, caller, this.#named.at(part.from) ?? what)
      cursor = part.to
    }
    this.#idle(cursor, to, caller, what)
    const forShort = this.#named.at(short[0]?.from ?? from) ?? what
    for (const part of summed(short)) this.#others(part, caller, forShort)
    this.#pending = ''
    if (this.#assigned.whole?.unfollowed.has(next)) this.#waits.skip()
    else if (segment === next) this.#waits.ended(this.#waitingFor(what, caller), segment)
  }

  /** Nobody is in the way: what is waited for is not there. */
  #idle(from: number, to: number, caller: number, what: string): void {
    for (const stretch of this.#named.of(from, to)) {
      const { wait } = stretch
      const stack = this.#waitingFor(wait?.what ?? what, caller)
      if (wait !== null) this.#named.tell(wait, stack)
      this.#append(stack, stretch.to - stretch.from, 'await')
    }
  }

  #waitingFor(what: string, caller: number): StackIndex {
    return this.#builder.stack(this.#stacks.adopt(caller), this.#builder.frame(awaitFrame(what)))
  }

  #others({ from, to, context, samples, isUpTo }: Part, caller: number, what: string): void {
    if (context === UNSEEN || context === OURSELVES) {
      const [frame, account] =
        context === UNSEEN ? ([UNKNOWN, 'unknown'] as const) : ([PROFILER, 'profiler'] as const)
      const stack = this.#stacks.synthetic(this.#stacks.adopt(caller), frame)
      return this.#append(stack, to - from, account)
    }
    const blocked = this.#stacks.synthetic(this.#waitingFor(what, caller), BLOCKED)
    // Of whom only samples tell, nobody knows who it is, unless they say.
    const nameless = context === NEIGHBOUR ? UNKNOWN : 'background'
    const culprit = (id: number) =>
      this.#stacks.synthetic(blocked, this.#slice.titleOf(id) || nameless)
    if (samples.length === 0) this.#append(culprit(context), to - from, 'blocked', isUpTo)
    const { time, stack, context: labels } = this.#slice.samples
    eachShare(samples, time, from, to, (sample, duration) => {
      const isTold = context !== BACKGROUND && context !== NEIGHBOUR
      let below = culprit(isTold ? context : labels[sample]!)
      for (const frame of this.#stacks.path(stack[sample]!))
        below = this.#builder.stack(below, frame)
      this.#append(below, duration, 'blocked', isUpTo)
    })
  }

  /** Appends a stretch to the timeline; `isUpTo`: it may belong to the wait around it. */
  #append(stack: StackIndex, duration: number, account: Account, isUpTo = false): void {
    const end = this.#at + duration
    const weight = Math.round(end * 1000) - Math.round(this.#at * 1000)
    this.#at = end
    if (weight === 0) return
    this.#ledger[account] += weight
    this.#waits.add(account, weight)
    if (isUpTo) this.#blockedUpToMicros += weight
    this.#builder.sample(stack, weight, this.#labels(isUpTo))
  }

  #labels(isUpTo: boolean): LabelSetIndex {
    const route = partOf(this.#assigned.whole, this.#stacks.title)
    if (this.#pending === '' && !isUpTo && route === '') return 0
    const labels: [string, string][] = []
    if (route !== '') labels.push([ROUTE_LABEL, route])
    if (this.#pending !== '') labels.push([PENDING_LABEL, this.#pending])
    if (isUpTo) labels.push([BLOCKED_LABEL, UP_TO])
    return this.#builder.labelSet(labels)
  }
}
