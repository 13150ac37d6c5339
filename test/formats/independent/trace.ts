/**
 * The CPU profiles of a Chrome trace: a `CpuProfile` event is a whole one; a `Profile` event has
 * its `ProfileChunk`s, known by process and id, in the order of their time, whose nodes name their
 * parent.
 */
import {
  addProfile,
  addSamples,
  type Counting,
  stacksOf,
  type V8Node,
  type V8Profile,
} from './cpuprofile.js'
import { Adder, type Sums } from './sums.js'

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly id?: string
  readonly ts: number
  readonly args: {
    readonly data?: {
      readonly startTime?: number
      readonly endTime?: number
      readonly timeDeltas?: readonly number[]
      readonly cpuProfile?: {
        readonly nodes?: readonly V8Node[]
        readonly samples?: readonly number[]
        readonly endTime?: number
      }
    }
  }
}

export function sumsOfTrace(text: string, counting?: Counting): Sums {
  const adder = new Adder()
  const file: { traceEvents?: TraceEvent[] } | TraceEvent[] = JSON.parse(text)
  const events = Array.isArray(file) ? file : file.traceEvents!
  for (const start of events) {
    const whole = start.args?.data?.cpuProfile
    if (start.name === 'Profile') addPieces(adder, start, events, counting)
    else if (start.name === 'CpuProfile') addProfile(adder, whole as V8Profile, counting)
  }
  return adder
}

// --- internal ---

function addPieces(
  adder: Adder,
  start: TraceEvent,
  events: readonly TraceEvent[],
  counting?: Counting,
): void {
  const pieces = events
    .filter(({ name, pid, id }) => name === 'ProfileChunk' && pid === start.pid && id === start.id)
    .sort((a, b) => a.ts - b.ts)
    .map(({ args }) => args.data!)
  const stacks = stacksOf(pieces.flatMap(({ cpuProfile }) => cpuProfile?.nodes ?? []))
  const startTime = start.args.data!.startTime!
  let clock = startTime
  let end = 0
  const seen: { time: number; stack: string[] }[] = []
  for (const { cpuProfile, timeDeltas = [], endTime } of pieces) {
    for (const [i, id] of (cpuProfile?.samples ?? []).entries()) {
      clock += timeDeltas[i]!
      seen.push({ time: clock, stack: stacks.get(id)! })
    }
    end = endTime ?? cpuProfile?.endTime ?? end
  }
  if (seen.length === 0) return
  addSamples(adder, seen, startTime, end, counting)
}
