/**
 * Keeps the windows that some recording still needs and turns a finished recording into a profile.
 * Works on plain columns, on any thread, off the request path.
 */
import { holdersSaid } from '../analysis/holders.js'
import type { Profile } from '../profile/profile.js'
import { countUpTo } from '../profile/sorted.js'
import type { Finished, StackTableDelta, Window } from '../sampler/window.js'
import { assemble } from './assemble.js'
import { delayedBy } from './delayed.js'
import { type LedWindow, tailOf, withLead } from './lead.js'
import { beforeProcess, queuedOf } from './queued.js'
import { type Gap, noSegments, type Slice } from './slice.js'
import { JoinedStacks, noRows, WindowStacks } from './window-stacks.js'

interface KeptWindow extends LedWindow {
  /** That it means. */
  readonly stacks: WindowStacks
}

export class WindowStore {
  #table = new WindowStacks(0)
  #windows: KeptWindow[] = []

  /** Rows that later windows mean. */
  learn(table: StackTableDelta): void {
    if (table.generation !== this.#table.generation) {
      this.#table = new WindowStacks(table.generation)
    } else if (table.reset) {
      // Of tables before, which will not come again, nothing shall be told any more.
      this.#windows = this.#windows.filter(({ stacks }) => stacks === this.#table)
    }
    this.#table.learn(table)
  }

  add(window: Window): void {
    this.learn(window.table)
    const led = withLead(window, this.#windows.at(-1))
    this.#windows = this.#windows.filter((kept) => endOf(kept) > window.keepFrom)
    this.#windows.push({ ...led, stacks: this.#table })
    const oldest = this.#table.generation - MAX_TABLES
    let rows = 0
    for (const kept of this.#windows) rows += rowsOf(kept)
    while (
      this.#windows.length > 1 &&
      (rows > MAX_ROWS || this.#windows[0]!.stacks.generation <= oldest)
    )
      rows -= rowsOf(this.#windows.shift()!)
  }

  /** What another store has to be told to know the same of the time since then. */
  *since(start: number): Generator<StackTableDelta | Window, void> {
    const windows = this.#windows.filter((window) => endOf(window) >= start - SLACK)
    for (const stacks of new Set([...windows.map(stacksOf), this.#table])) {
      yield stacks.all()
      for (const { stacks: of, lead: _, ...window } of windows) {
        if (of === stacks) yield { ...window, table: noRows(stacks.generation) }
      }
    }
  }

  finish(recording: Finished): Profile {
    const { start, end, queueing } = recording
    const from = queueing?.from ?? queueing?.notBefore ?? start
    const windows = this.#windows.filter((window) => endOf(window) >= Math.min(from, start) - SLACK)
    const joined = new JoinedStacks(new Set([...windows, { stacks: this.#table }].map(stacksOf)))
    const chain = joined.of(recording.chain, this.#table)
    const before = this.#slice(from, start, joined, (id) => id)
    const queued = queuedOf(recording, joined.stacks, before)
    const warnings = [...recording.meta.warnings, ...beforeProcess(recording, queued)]
    const slice = this.#slice(start, end, joined, ownIn(windows, recording.contextId))
    const stall = recording.meta.stall && {
      ...recording.meta.stall,
      ...delayedBy(recording, slice),
    }
    const meta = { ...recording.meta, queued, stall, warnings }
    return withHolders(assemble({ ...recording, chain, meta }, joined.stacks, slice))
  }

  // --- internal ---

  /**
   * All samples and segments between two times, a little more on both sides; `own`: whose they are.
   */
  #slice(start: number, end: number, joined: JoinedStacks, own: (id: number) => number): Slice {
    const windows = this.#windows.filter((window) => endOf(window) >= start - SLACK)
    const knownFrom = Math.max(start, windows[0]?.from ?? end)
    const samples = {
      time: [] as number[],
      stack: [] as number[],
      context: [] as number[],
      cpu: [] as number[],
      since: [] as number[],
      tail: null as Gap | null,
    }
    const segments = noSegments()
    /** Of the last sample. The first one too late still tells of the gap before it. */
    let seenTo = Number.NEGATIVE_INFINITY
    for (const window of windows) {
      const { sampleTime, segmentStart, segmentEnd } = window
      const firstSample = countUpTo(sampleTime, start - SLACK)
      for (let i = firstSample; i < sampleTime.length && seenTo <= end + SLACK; i++) {
        seenTo = sampleTime[i]!
        samples.time.push(seenTo)
        samples.stack.push(joined.of(window.sampleStack[i]!, window.stacks))
        samples.context.push(own(window.sampleContext[i]!))
        samples.cpu.push(window.sampleCpu[i]! + (i === 0 ? window.lead.cpu : 0))
        samples.since.push(sampleTime[i - 1] ?? window.lead.since)
      }
      // Segments do not overlap, so their ends are in order as well.
      const firstSegment = countUpTo(segmentEnd, start)
      for (let i = firstSegment; i < segmentStart.length && segmentStart[i]! <= end; i++) {
        segments.start.push(segmentStart[i]!)
        segments.end.push(segmentEnd[i]!)
        segments.context.push(own(window.segmentContext[i]!))
        segments.chain.push(joined.of(window.segmentChain[i]!, window.stacks))
        segments.what.push(window.texts[window.segmentWhat[i]!] ?? '')
        segments.pending.push(window.texts[window.segmentPending[i]!] ?? '')
        segments.ready.push(window.segmentReady[i]!)
        segments.task.push(window.segmentTask[i]!)
        segments.readyUpTo.push(window.segmentReadyUpTo[i]!)
        segments.settled.push(window.segmentSettled[i]!)
        segments.asked.push(window.segmentAsked[i]!)
        segments.since.push(window.segmentSince[i]!)
        segments.answer.push(window.segmentAnswer[i]!)
      }
    }
    const titleOf = (id: number) =>
      windows.findLast(({ titles }) => titles.has(id))?.titles.get(id) ?? ''
    const precision = windows.reduce((worst, window) => Math.max(worst, window.precision), 0)
    const turns = { at: [] as number[], slept: [] as number[] }
    for (const window of windows) {
      const firstTurn = Math.max(0, countUpTo(window.turnAt, start) - TURNS_BEFORE)
      // The one after the end says whether the loop had slept.
      for (let i = firstTurn; i < window.turnAt.length && !(turns.at.at(-1)! > end); i++) {
        turns.at.push(window.turnAt[i]!)
        turns.slept.push(window.turnSlept[i]!)
      }
    }
    const last = windows.at(-1)
    if (last !== undefined && seenTo <= end + SLACK) samples.tail = tailOf(last)
    const waits = waitsIn(windows, start, end, own)
    // Of a request that nobody followed the last reading may be of a window that tells no more.
    const machine = machineIn(this.#windows, start, end)
    const hasCpuTime = !samples.cpu.some(Number.isNaN)
    return { knownFrom, hasCpuTime, precision, samples, segments, waits, turns, machine, titleOf }
  }
}

/** Samples and segments that are remembered at most, about 60 MB: what was before is unknown. */
const MAX_ROWS = 2_000_000
/** The same of tables of stacks, about 10 MB each. */
const MAX_TABLES = 4
/** Samples up to this long (ms) outside a recording may still belong to one of its segments. */
const SLACK = 2
/** Turns of the loop before the start that say when it had last looked. */
const TURNS_BEFORE = 3

function waitsIn(
  windows: readonly Window[],
  start: number,
  end: number,
  own: (id: number) => number,
): Slice['waits'] {
  const waits = {
    context: [] as number[],
    begin: [] as number[],
    end: [] as number[],
    what: [] as string[],
  }
  for (const window of windows) {
    for (let i = 0; i < window.waitContext.length; i++) {
      if (window.waitBegin[i]! >= end || window.waitEnd[i]! <= start) continue
      waits.context.push(own(window.waitContext[i]!))
      waits.begin.push(window.waitBegin[i]!)
      waits.end.push(window.waitEnd[i]!)
      waits.what.push(window.waitTexts[window.waitWhat[i]!]!)
    }
  }
  return waits
}

/** Whose code it is, where jobs inside the context are a part of it. */
function ownIn(windows: readonly Window[], contextId: number): (id: number) => number {
  const outerOf = new Map(windows.flatMap(({ inside }) => [...(inside ?? [])]))
  const inside = new Set([contextId])
  // Whoever is inside another has begun later.
  for (const [id, outer] of outerOf) if (inside.has(outer)) inside.add(id)
  return (id) => (inside.has(id) ? contextId : id)
}

/** Readings of the machine from the last before the start to the first after the end. */
function machineIn(windows: readonly Window[], start: number, end: number): Slice['machine'] {
  const machine = { at: [] as number[], runQueue: [] as number[], throttled: [] as number[] }
  const last = windows.findLastIndex(({ machineAt }) => machineAt[0]! <= start)
  for (let w = Math.max(0, last); w < windows.length && !(machine.at.at(-1)! >= end); w++) {
    const { machineAt, machineRunQueue, machineThrottled } = windows[w]!
    const first = Math.max(0, countUpTo(machineAt, start) - 1)
    for (let i = first; i < machineAt.length && !(machine.at.at(-1)! >= end); i++) {
      machine.at.push(machineAt[i]!)
      machine.runQueue.push(machineRunQueue[i]!)
      machine.throttled.push(machineThrottled[i]!)
    }
  }
  return machine
}

/** The dump of a stall says by itself whose it was. */
function withHolders(profile: Profile): Profile {
  const meta = profile.sources[0]!
  if (meta.stall === null) return profile
  return { ...profile, sources: [{ ...meta, stall: { ...meta.stall, by: holdersSaid(profile) } }] }
}

function stacksOf({ stacks }: Pick<KeptWindow, 'stacks'>): WindowStacks {
  return stacks
}

function rowsOf({ sampleTime, segmentStart, waitBegin }: Window): number {
  return sampleTime.length + segmentStart.length + waitBegin.length
}

function endOf(window: Window): number {
  const { to, sampleTime, segmentEnd } = window
  // A window without samples tells of its time, too: that nothing was seen.
  return Math.max(to, sampleTime.at(-1) ?? 0, segmentEnd.at(-1) ?? 0)
}
