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
import { watchAddons } from './addons.js'
import { OwnerLog } from './async/owner-log.js'
import { FrameLabels, type Holder, LabelCarrier } from './label-carrier.js'
import type { TakenSamples, WallProfiler } from './native-samples.js'
import { loadForGood, OtherCopies, ownNativePart } from './other-copies.js'
import { OtherProfilers } from './other-profilers.js'
import { SignalHarm } from './signal-harm.js'
import { SlotNotes } from './slot-notes.js'
import { ThreadProfiler } from './thread-profiler.js'
import { whenLeaving } from './visit.js'

export interface NativeSampler {
  readonly labels: LabelCarrier
  readonly intervalMicros: number
  readonly profiler: ThreadProfiler
  /** Hands over all samples since the last time; null: they are lost. Call with `pending() > 0`. */
  rotate(): TakenSamples | null
  /** The same, for a third of the price, where nobody needs the samples. */
  discard(): void
  /** To be called several times a second. */
  tick(): void
}

const MIN_INTERVAL_MICROS = 200
const MAX_INTERVAL_MICROS = 100_000
/** Samples that fit between two rotations, as time: a loop blocked for longer loses the rest. */
const WINDOW_MS = 60_000

/**
 * Starts the thread's wall profiler, 6–25 ms; where somebody else's runs, as soon as that has
 * stopped, and where it fails, again later. Throws NO_PROFILER where it cannot run: no native part
 * for this platform, or another copy of this package has one. `say`: for people.
 */
export function startNative(intervalMicros: number, say: (fact: string) => void): NativeSampler {
  const binding = load()
  const interval = Math.round(
    Math.min(MAX_INTERVAL_MICROS, Math.max(MIN_INTERVAL_MICROS, intervalMicros)),
  )
  const { profiler, carry, harm, copies } = startWithCarrier(binding, interval, say)
  const labels = carry(() => profiler.sampled())
  return {
    labels,
    intervalMicros: interval,
    profiler,
    rotate() {
      const ownerOf = labels.take()
      const signals = profiler.pending()
      const root = profiler.take()
      return root === null ? null : { root, ownerOf, signals }
    },
    discard() {
      labels.take()
      profiler.discard()
    },
    tick() {
      profiler.revive()
      if (!profiler.isRunning) return
      harm.look()
      copies.look()
    },
  }
}

// --- internal ---

interface Binding {
  readonly TimeProfiler: (new (options: object) => WallProfiler) & { [KEPT]?: Kept }
  readonly constants: { readonly kSampleCount: number }
}

interface Started {
  readonly profiler: ThreadProfiler
  readonly harm: SignalHarm
  readonly copies: OtherCopies
  /** `sampled`: how many samples were ever taken. */
  readonly carry: (sampled: () => number) => LabelCarrier
}

/**
 * Where all are kept that were made in this thread, started or in vain: one that has had a label
 * and is collected ends a process of Node 24 or 26. The class lives as long as the thread, whatever
 * becomes of this module.
 */
type Kept = Map<WallProfiler, 'started' | 'in vain' | 'left'>
const KEPT = Symbol.for('profview.profilers')

const BINDINGS = '@datadog/pprof/out/src/time-profiler-bindings.js'

function load(): Binding {
  try {
    return loadForGood(() => createRequire(import.meta.url)(BINDINGS))
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
  keptOf(binding).set(profiler, 'in vain')
  return profiler
}

interface Carried {
  readonly profiler: WallProfiler
  readonly carry: Started['carry']
}

/**
 * The first carrier that passes its own test here; versions say little (on Node 22 `frame` depends
 * on a flag). Asked before it is started: starting one in vain would block the loop for as long.
 */
function carried(binding: Binding, intervalMicros: number): Carried {
  const probe = 7
  try {
    const store = new AsyncLocalStorage<Holder | undefined>()
    const profiler = create(binding, intervalMicros, store)
    const holder = profiler.createContextHolder(probe)
    if (store.run(holder, () => profiler.context === probe)) {
      whenLeaving(() => store.disable())
      return { profiler, carry: () => new FrameLabels(profiler, store) }
    }
    dispose(binding, profiler)
    store.disable()
  } catch {
    // Not on this platform, or not on this version.
  }
  const profiler = create(binding, intervalMicros, null)
  profiler.context = probe
  const works = profiler.context === probe
  profiler.context = undefined
  const slotOf = (sampled: () => number) =>
    new SlotNotes(sampled, (note) => {
      profiler.context = note
    })
  return {
    profiler,
    carry: (sampled) => (works ? new OwnerLog(slotOf(sampled)) : new LabelCarrier()),
  }
}

function startWithCarrier(
  binding: Binding,
  intervalMicros: number,
  say: (fact: string) => void,
): Started {
  try {
    const kept = keptOf(binding)
    if ([...kept.values()].includes('started'))
      throw new Error('another copy of profview profiles this thread')
    const { profiler: native, carry } = carried(binding, intervalMicros)
    const others = new OtherProfilers(() => profiler.giveWay())
    const copies = new OtherCopies(ownNativePart(binding), say)
    const mayCopySample = () => copies.maySample()
    const { kSampleCount } = binding.constants
    const profiler = new ThreadProfiler(native, kSampleCount, others, mayCopySample, say)
    const harm = new SignalHarm(say)
    others.own(native)
    others.ask()
    watchAddons((path, exported) => {
      others.loaded(exported)
      harm.loaded(path)
    })
    kept.set(native, 'started')
    profiler.start()
    whenLeaving(() => {
      profiler.leave()
      kept.set(native, 'left')
    })
    return { profiler, carry, harm, copies }
  } catch (cause) {
    const fact = `the native profiler does not start: ${printableReason(cause)}`
    throw new ProfviewError('NO_PROFILER', fact, { cause })
  }
}

/** Its labels are given back: that may be collected. */
function dispose(binding: Binding, profiler: WallProfiler): void {
  profiler.dispose()
  keptOf(binding).delete(profiler)
}

function keptOf({ TimeProfiler }: Binding): Kept {
  const kept: Kept = TimeProfiler[KEPT] ?? new Map()
  Object.defineProperty(TimeProfiler, KEPT, { value: kept, configurable: true })
  return kept
}
