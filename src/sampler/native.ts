/**
 * The only door to `@datadog/pprof`: start once, rotate, never stop: a stop and
 * a start block the loop for 16–25 ms, and loops that are running meanwhile are not seen for good.
 * Its wall profiler is one per thread, so this module hands out one at most.
 *
 * What is used is the package's native class, not its `time` object, for three reasons.
 * `time.stop(true)` takes a busy machine for a stuck profiler every now and then and restarts it,
 * which blocks the loop and makes running loops invisible; it turns every sample into pprof, which
 * takes several times as long as taking it; and after a failed start it throws from an `exit` hook.
 * The class is not documented, therefore the package's version is pinned.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { ProfviewError } from '../errors.js'
import { printableReason } from '../printable.js'
import { OwnerLog } from './async/owner-log.js'
import { FrameLabels, type Holder, LabelCarrier, type LabelSetter } from './label-carrier.js'
import { hasSamples, type TakenSamples, type TimeNode } from './native-samples.js'
import { SlotNotes } from './slot-notes.js'

export interface NativeSampler {
  readonly labels: LabelCarrier
  readonly intervalMicros: number
  /** Samples since the last rotation. */
  pending(): number
  /** All samples that were ever taken. */
  sampled(): number
  /** Hands over all samples since the last time. Call with `pending() > 0` only. */
  rotate(): TakenSamples
  /** The same, for a third of the price, where nobody needs the samples. */
  discard(): void
  /**
   * True once V8's profiler was stuck and had to be restarted: loops compiled before are not seen
   * since.
   */
  restarted(): boolean
}

const MIN_INTERVAL_MICROS = 200
const MAX_INTERVAL_MICROS = 100_000
/** Samples that fit between two rotations, as time: a loop blocked for longer loses the rest. */
const WINDOW_MS = 60_000
/** So many signals and not one sample of them: V8's processor thread is stuck. */
const STUCK_SIGNALS = 200

/**
 * Starts the thread's wall profiler, 6–25 ms. Throws NO_PROFILER where it cannot run: no native
 * part for this platform, or somebody else's profiler is already running, which is then left alone.
 */
export function startNative(intervalMicros: number): NativeSampler {
  const binding = load()
  const interval = Math.round(
    Math.min(MAX_INTERVAL_MICROS, Math.max(MIN_INTERVAL_MICROS, intervalMicros)),
  )
  const { profiler, carry } = startWithCarrier(binding, interval)
  let restarted = false
  let handedOver = 0
  // One array for the profiler's life; asking for it anew takes ten times as long.
  const { state } = profiler
  const { kSampleCount } = binding.constants
  const pending = () => state[kSampleCount]!
  const sampled = () => handedOver + pending()
  const labels = carry(sampled)
  function take(): TakenSamples {
    const ownerOf = labels.take()
    const signals = pending()
    handedOver += signals
    const { topDownRoot } = profiler.stop(true)
    if (signals > STUCK_SIGNALS && !hasSamples(topDownRoot)) {
      profiler.stop(false)
      profiler.start()
      restarted = true
    }
    return { root: topDownRoot, ownerOf }
  }
  return {
    labels,
    intervalMicros: interval,
    sampled,
    pending,
    rotate: take,
    discard() {
      labels.take()
      handedOver += pending()
      profiler.stop(true)
    },
    restarted: () => restarted,
  }
}

// --- internal ---

interface Binding {
  readonly TimeProfiler: new (options: object) => WallProfiler
  readonly constants: { readonly kSampleCount: number }
}

interface WallProfiler extends LabelSetter {
  readonly state: Uint32Array
  start(): void
  stop(restart: boolean): { readonly topDownRoot: TimeNode }
  dispose(): void
}

interface Started {
  readonly profiler: WallProfiler
  /** `sampled`: how many samples were ever taken. */
  readonly carry: (sampled: () => number) => LabelCarrier
}

function load(): Binding {
  try {
    return createRequire(import.meta.url)('@datadog/pprof/out/src/time-profiler-bindings.js')
  } catch (cause) {
    const fact = 'no native profiler for this platform and Node version'
    throw new ProfviewError('NO_PROFILER', fact, { cause })
  }
}

/**
 * A whitelist on purpose: other options of the library throw, abort the process or are unsafe in a
 * signal handler.
 */
function create(
  binding: Binding,
  intervalMicros: number,
  store: AsyncLocalStorage<Holder | undefined> | null,
): WallProfiler {
  const profiler = new binding.TimeProfiler({
    intervalMicros,
    durationMillis: WINDOW_MS,
    withContexts: true,
    useCPED: store !== null,
    CPEDKey: store ?? undefined,
    isMainThread,
    lineNumbers: false,
    workaroundV8Bug: false,
    collectCpuTime: true,
    collectAsyncId: false,
  })
  made.push(profiler)
  return profiler
}

/** One that has had a label and is collected ends a process of Node 24 or 26: none ever is. */
const made: WallProfiler[] = []

/** Asked before it is started: starting one in vain would block the loop for as long. */
function withFrames(binding: Binding, intervalMicros: number, probe: number): Started | null {
  try {
    const store = new AsyncLocalStorage<Holder | undefined>()
    const profiler = create(binding, intervalMicros, store)
    const holder = profiler.createContextHolder(probe)
    if (store.run(holder, () => profiler.context === probe)) {
      return { profiler, carry: () => new FrameLabels(profiler, store) }
    }
    profiler.dispose()
    store.disable()
  } catch {
    // Not on this platform, or not on this version.
  }
  return null
}

/**
 * The first carrier that passes its own test here; versions say little (on Node 22 `frame` depends
 * on a flag).
 */
function startWithCarrier(binding: Binding, intervalMicros: number): Started {
  const probe = 7
  const framed = withFrames(binding, intervalMicros, probe)
  try {
    const profiler = framed?.profiler ?? create(binding, intervalMicros, null)
    profiler.start()
    if (framed !== null) return framed
    profiler.context = probe
    const works = profiler.context === probe
    profiler.context = undefined
    const slotOf = (sampled: () => number) =>
      new SlotNotes(sampled, (note) => {
        profiler.context = note
      })
    const carry = (sampled: () => number) =>
      works ? new OwnerLog(slotOf(sampled)) : new LabelCarrier()
    return { profiler, carry }
  } catch (cause) {
    const reason = printableReason(cause)
    throw new ProfviewError('NO_PROFILER', `the native profiler does not start: ${reason}`, {
      cause,
    })
  }
}
