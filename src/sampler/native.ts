/**
 * The only door to `@datadog/pprof`: start once, rotate, never stop (DESIGN fact 1).
 * Its wall profiler is one global per thread, so this module hands out one at most.
 */
import { createRequire } from 'node:module'
import { ProfviewError } from '../errors.js'

type Pprof = typeof import('@datadog/pprof')

/** What labels a sample with the request that runs: the object itself, compared by identity. */
export type Label = object

/** One sample of a window. `frames` is leaf first and shared between samples of one stack. */
export interface NativeSample {
  readonly epochMicros: number
  readonly label: Label | null
  readonly frames: readonly NativeFrame[]
}

export interface NativeFrame {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * How a label reaches the samples. `frame`: carried by V8 with the asynchronous context; nothing to do
 * at each switch. `slot`: one slot per thread that has to be set at each switch. `none`: not at all.
 */
export type Carrier = 'frame' | 'slot' | 'none'

export interface NativeSampler {
  readonly carrier: Carrier
  readonly intervalMicros: number
  /** Runs `fn` and all that comes of it under the label (`frame`), or just runs it. */
  run<T>(label: Label, fn: () => T): T
  /** Sets the slot; nothing with another carrier. */
  setSlot(label: Label | null): void
  /** Samples since the last rotation. */
  pending(): number
  /** Hands over all samples since the last time, in no order. Call with `pending() > 0` only. */
  rotate(): NativeSample[]
  /** The same, for a third of the price, where nobody needs the samples. */
  discard(): void
  /** True once the library had to restart V8's profiler: loops compiled before are not seen since. */
  restarted(): boolean
}

const MIN_INTERVAL_MICROS = 200
const MAX_INTERVAL_MICROS = 100_000
/** Samples that fit between two rotations, as time: a loop blocked for longer loses the rest. */
const WINDOW_MS = 60_000

/**
 * Starts the thread's wall profiler, 6–25 ms. Throws NO_PROFILER where it cannot run: no native part for this
 * platform, or somebody else's profiler is already running, which is then left alone.
 */
export function startNative(intervalMicros: number): NativeSampler {
  const time = load().time
  if (time.isStarted()) {
    throw new ProfviewError(
      'NO_PROFILER',
      'another user of @datadog/pprof is profiling this thread',
    )
  }
  const interval = Math.round(
    Math.min(MAX_INTERVAL_MICROS, Math.max(MIN_INTERVAL_MICROS, intervalMicros)),
  )
  const carrier = startWithCarrier(time, interval)
  let restarted = false
  const noticeRestart = () => {
    if (time.v8ProfilerStuckEventLoopDetected() > 0) restarted = true
  }
  return {
    carrier,
    intervalMicros: interval,
    run: carrier === 'frame' ? (label, fn) => runLabelled(time, label, fn) : (_label, fn) => fn(),
    setSlot: carrier === 'slot' ? (label) => setSlot(time, label) : () => {},
    pending: () => (time.isStarted() ? time.getState()[time.constants.kSampleCount] : 0),
    rotate() {
      const samples = drain(time)
      noticeRestart()
      return samples
    },
    discard() {
      time.stop(true, () => ({}))
      noticeRestart()
    },
    restarted: () => restarted,
  }
}

// --- internal ---

/**
 * Loads the add-on. It hooks `exit` to stop its profiler and throws from there after a failed start,
 * which would change the app's exit code (hazard A2), so the hook is taken off again: a running profiler is
 * torn down with the isolate.
 */
function load(): Pprof {
  const before = new Set(process.rawListeners('exit'))
  try {
    return createRequire(import.meta.url)('@datadog/pprof') as Pprof
  } catch (cause) {
    throw new ProfviewError(
      'NO_PROFILER',
      'no native profiler for this platform and Node version',
      {
        cause,
      },
    )
  } finally {
    for (const listener of process.rawListeners('exit')) {
      if (!before.has(listener)) process.removeListener('exit', listener as () => void)
    }
  }
}

/** A whitelist on purpose: no other option of the library may be set from outside (hazards A4, A6, A12). */
function start(time: Pprof['time'], intervalMicros: number, useCPED: boolean): void {
  time.start({
    intervalMicros,
    durationMillis: WINDOW_MS,
    withContexts: true,
    useCPED,
    workaroundV8Bug: false,
    columnNumbers: 'emit',
    // The library drops a frame's column unless its source map is "missing".
    sourceMapper: {
      mappingInfo: (location: object) => ({ ...location, missingMapFile: true }),
    } as never,
  })
}

function startWithCarrier(time: Pprof['time'], intervalMicros: number): Carrier {
  try {
    start(time, intervalMicros, true)
    const probe = {}
    if (time.runWithContext(probe, () => time.getContext() === probe)) return 'frame'
    time.stop()
  } catch {
    if (time.isStarted()) time.stop()
  }
  try {
    start(time, intervalMicros, false)
  } catch (cause) {
    throw new ProfviewError('NO_PROFILER', 'the native profiler does not start', { cause })
  }
  const probe = {}
  time.setContext(probe)
  const works = time.getContext() === probe
  time.setContext(undefined)
  return works ? 'slot' : 'none'
}

/** The app's function runs once, whatever has become of the profiler. */
function runLabelled<T>(time: Pprof['time'], label: Label, fn: () => T): T {
  let entered = false
  try {
    return time.runWithContext(label, () => {
      entered = true
      return fn()
    })
  } catch (error) {
    if (entered) throw error
    // Somebody else stopped the profiler; its samples are gone anyway.
    return fn()
  }
}

/** Called from hooks, where an exception would end the process. */
function setSlot(time: Pprof['time'], label: Label | null): void {
  try {
    time.setContext(label ?? undefined)
  } catch {
    // Somebody else stopped the profiler; its samples are gone anyway.
  }
}

/**
 * Rotates and takes each sample with its own time and label. The library turns samples into pprof,
 * aggregated by label set; a running number as the label keeps them apart and finds its context again.
 */
function drain(time: Pprof['time']): NativeSample[] {
  const contexts: { timestamp: bigint; context?: object }[] = []
  const profile = time.stop(true, ({ context }) =>
    context === undefined ? {} : { n: contexts.push(context) },
  )
  const frames = nativeFrames(profile)
  const stacks = new Map<readonly unknown[], NativeFrame[]>()
  const samples: NativeSample[] = []
  for (const sample of profile.sample) {
    const label = sample.label[0]
    if (label === undefined) continue
    const context = contexts[Number(label.num) - 1]!
    let stack = stacks.get(sample.locationId)
    if (stack === undefined) {
      stack = sample.locationId.map((id) => frames[Number(id) - 1]!)
      stacks.set(sample.locationId, stack)
    }
    samples.push({
      epochMicros: Number(context.timestamp),
      label: context.context ?? null,
      frames: stack,
    })
  }
  return samples
}

function nativeFrames(profile: ReturnType<Pprof['time']['stop']>): NativeFrame[] {
  const text = profile.stringTable.strings
  return profile.location.map((location) => {
    const line = location.line[0]!
    const fn = profile.function[Number(line.functionId) - 1]!
    const name = text[Number(fn.name)]!
    return {
      name: name.startsWith('(anonymous:L#') ? '(anonymous)' : name,
      file: text[Number(fn.filename)]!,
      line: Number(line.line),
      column: Number(line.column),
    }
  })
}
