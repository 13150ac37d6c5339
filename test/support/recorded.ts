/** Recorded profiles, asked about: whose time, below which functions. */
import { createRequire } from 'node:module'
import { profile } from '../../dist/index.js'
import { resolveOptions } from '../../dist/recorder/resolve-options.js'
import { threadRecorder } from '../../dist/recorder/thread-recorder.js'
import type { WriterAnswer } from '../../dist/recorder/writer/messages.js'
import { newId } from '../../dist/store/dump-name.js'
import { buildCallTree } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { Ledger, Profile } from '../../src/profile/profile.js'
import { burn } from './waits.mjs'

export { inOrder, isWaiting, msWhere, outline, paths } from './paths.js'

interface NativeProfiler {
  readonly state: Uint32Array
  start(): unknown
  stop(restart: boolean): unknown
}

const { TimeProfiler, constants } = createRequire(import.meta.url)(
  '@datadog/pprof/out/src/time-profiler-bindings.js',
) as {
  TimeProfiler: { readonly prototype: NativeProfiler }
  constants: { readonly kSampleCount: number }
}
const native: { profiler: NativeProfiler | null; handedOver: number } = {
  profiler: null,
  handedOver: 0,
}
const { start, stop } = TimeProfiler.prototype
TimeProfiler.prototype.start = function () {
  native.profiler = this
  return start.call(this)
}
TimeProfiler.prototype.stop = function (restart) {
  native.handedOver += this.state[constants.kSampleCount]!
  return stop.call(this, restart)
}

/**
 * Samples that the engine has taken of this thread since the first start, whatever became of them:
 * how many the machine let it take is told by nothing of ours.
 */
export function samplesTaken(): number {
  return native.handedOver + (native.profiler?.state[constants.kSampleCount] ?? 0)
}

export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Burns until samples have told of so much, ms: of what is before the first and between two that
 * are far apart, a few ms. The machine may let the engine take none for long.
 */
export function sampledBurn(ms: number): Stretch[] {
  const told: Stretch[] = []
  let toldMs = 0
  let at = performance.now()
  let taken = samplesTaken()
  while (toldMs < ms) {
    burn(0.1)
    if (performance.now() - at > 10_000) throw new Error('no samples are taken')
    if (samplesTaken() === taken) continue
    const to = performance.now()
    const from = Math.max(at, to - (told.length === 0 ? 3 : 6))
    told.push({ from, to })
    toldMs += to - from
    at = to
    taken = samplesTaken()
  }
  return told
}

/** The thread's sampler, as the middleware uses it. */
export function sampler() {
  const recorder = threadRecorder(resolveOptions({}))
  if (recorder === null) throw new Error('this thread cannot be profiled')
  return recorder.sampler
}

/**
 * Runs code for a bystander that is known by name, as the middleware does for unprofiled requests.
 */
export function asBystander<T>(title: string, fn: () => T): T {
  const thread = sampler()
  return thread.run(
    thread.passage.introduce(() => title),
    fn,
  )
}

/** Profiles the function and checks what holds for every profile. */
export async function record(fn: () => unknown, name = ''): Promise<Profile> {
  const { profile: recorded } = await profile(async () => void (await fn()), { name })
  if (recorded === null) throw new Error('nothing was recorded')
  checkProfile(recorded)
  const { ledger, durationMicros } = recorded.sources[0]!
  const sum = sumOfLedger(ledger)
  if (sum !== durationMicros) throw new Error(`ledger ${sum} is not the duration ${durationMicros}`)
  if (buildCallTree(recorded).total[0] !== durationMicros)
    throw new Error('tree is not the duration')
  return recorded
}

/** Profiles the whole thread while the function runs, as mode `process` does. */
export async function recordThread(fn: () => unknown): Promise<Profile> {
  const recorder = threadRecorder(resolveOptions({}))!
  const answer = new Promise<WriterAnswer>((answered) => {
    const facts = {
      id: newId(),
      kind: 'process',
      name: null,
      kept: 'process',
      store: null,
    } as const
    const subject = { ...facts, labels: {}, startedAt: new Date(), warnings: [], answered }
    const recording = recorder.begin({ ...subject, request: () => null }, () => 'process', 'none')
    void (async () => fn())().finally(() => recorder.sampler.end(recording))
  })
  const answered = await answer
  if (!('profile' in answered)) throw new Error('no profile came back')
  return checkProfile(answered.profile)
}

export function ledgerOf(recorded: Profile): Ledger {
  return recorded.sources[0]!.ledger
}
