/** The sampler's parts without its profiler: set clocks, waits and stacks written by hand. */
import { onTestFinished } from 'vitest'
import { Readiness, type TimerClock, type Turns } from '../../src/sampler/async/readiness.js'
import { SegmentLog, type Segments } from '../../src/sampler/async/segments.js'
import { Wait } from '../../src/sampler/async/waits.js'
import { setClocks } from '../../src/sampler/clock.js'
import { Bystander, Recording } from '../../src/sampler/recording.js'
import { type StackId, StackTable } from '../../src/sampler/stack-table.js'

/** Both clocks of the sampler, until the test ends. */
export class SetClock {
  /** ms. */
  at = 0
  /** Each reading takes so long, ms. */
  step = 0
  /** Wall clock minus monotonic clock, ms. */
  offset = 0
  readings = 0

  constructor() {
    const read = () => {
      this.readings++
      this.at += this.step
      return this.at
    }
    onTestFinished(setClocks({ now: read, epochNow: () => Math.floor(read() + this.offset) }))
  }
}

/** What steps come to. */
export function allOf<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Clocks that are known to be `value` apart. */
export function apart(value: number, uncertainty = 0.01) {
  return { value, uncertainty, observe() {}, *calibrate() {} }
}

/** The event loop's turns, as the test has them. */
export class SetTurns implements Turns {
  turn = 1
  checkedAt = 0
  checkedBefore = 0
  slept = false
  /** If it slept. */
  sleptMs = 30
  sleptBeforeMs = 0
  armed: object = this

  /** The check phase ends the turn. */
  check(at: number): void {
    this.turn++
    this.checkedBefore = this.checkedAt
    this.checkedAt = at
    this.sleptBeforeMs = this.slept ? this.sleptMs : 0
    this.slept = false
  }
}

/** Timers are due when the test says. */
export class SetTimers implements TimerClock {
  due = Number.NaN

  observe(): void {}

  dueAt(): number {
    return this.due
  }
}

export function recordingOf(id: number, startedAt = 0): Recording {
  return new Recording(id, () => `GET /${id}`, 'awaits', startedAt)
}

export function bystanderOf(id: number): Bystander {
  return new Bystander(id, () => `GET /${id}`, 0)
}

/**
 * A wait made below functions of `/app.js`, root first: `handler› load› save`, where `›` marks the
 * awaiting ones.
 */
export function waitOf(context: Recording, parent: Wait | null, path: string): Wait {
  const wait = new Wait(context, parent)
  const names = path.split(' ').filter((name) => name !== '')
  wait.captured = { stack: names.reverse().map((name) => siteOf(name)) }
  return wait
}

export function newStacks(): StackTable {
  return new StackTable('/profview/')
}

/** Each function's own: a place is one function's. */
export function lineOf(name: string): number {
  if (!LINES.has(name)) LINES.set(name, LINES.size + 2)
  return LINES.get(name)!
}

/** `app › handler`, names only. */
export function namesOf(stacks: StackTable, stack: StackId): string {
  return stacks
    .path(stack)
    .map((frame) => stacks.frames[frame]!.name)
    .join(' › ')
}

// --- internal ---

const LINES = new Map<string, number>()

/** What V8 tells of a frame. A name that begins with `node:` is one of Node's own. */
function siteOf(text: string): object {
  const name = text.replace(/›$/, '')
  const [file, inNode] = name.startsWith('node:') ? name.split('#') : ['/app.js', name]
  return {
    getFileName: () => file,
    getFunctionName: () => inNode,
    getEnclosingLineNumber: () => lineOf(name),
    getEnclosingColumnNumber: () => 1,
    isAsync: () => text.endsWith('›'),
  }
}

export function segmentsOf(...segments: [start: number, end: number, wait: Wait][]): Segments {
  const log = new SegmentLog(new Readiness(new SetTurns(), new SetTimers()))
  for (const [start, end, wait] of segments) log.append(start, end, wait.context.id, wait)
  return log.take()
}
