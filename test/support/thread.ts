/**
 * The thread's sampler and the assembler without the recorder between them: recordings of either
 * detail, and what is told of them while they run.
 */
import { WindowStore } from '../../dist/assembler/window-store.js'
import type { Detail, Recording, SoFar } from '../../dist/sampler/recording.js'
import { ThreadSampler } from '../../dist/sampler/thread-sampler.js'
import { checkProfile } from '../../src/profile/check.js'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'

const store = new WindowStore()
const ended = new Map<Recording, () => void>()
const thread = new ThreadSampler(1000, {
  stacks: (rows) => store.learn(rows),
  window: (window) => store.add(window),
  ended: (recording) => ended.get(recording)?.(),
})

export interface Recorded {
  readonly profile: Profile
  readonly blocked: number
  readonly blockedUpTo: number
  readonly duration: number
  /** By the thread's clock. */
  readonly endedAt: number
  /** As `Server-Timing` has it; null where nothing is known. */
  readonly soFar: SoFar | null
}

/** Records the function as a request. All times in ms. */
export async function recordOnThread(
  fn: () => Promise<unknown>,
  detail: Detail = 'awaits',
): Promise<Recorded> {
  const recording = thread.begin(() => 'GET /me', detail)
  const handedOver = new Promise<void>((resolve) => ended.set(recording, resolve))
  let soFar: Recorded['soFar'] = null
  await thread.run(recording, async () => {
    await fn()
    soFar = thread.soFar(recording)
    thread.end(recording)
  })
  // What hands windows over keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  await handedOver
  clearInterval(alive)
  const meta = { kind: 'function', intervalMicros: 1000, attribution: 'request', warnings: [] }
  const profile = checkProfile(
    store.finish({
      contextId: recording.id,
      start: recording.startedAt,
      end: recording.endedAt,
      hasRunSegments: recording.knowsAwaits,
      chain: thread.chainOf(recording),
      labelled: thread.labelled,
      labelsAll: false,
      queueing: null,
      meta: { ...meta, awaits: detail === 'awaits' } as unknown as DumpMeta,
    }),
  )
  const { ledger, blockedUpToMicros, durationMicros } = profile.sources[0]!
  if (sumOfLedger(ledger) !== durationMicros) throw new Error('the ledger is not the duration')
  const blocked = ledger.blocked / 1000
  const duration = durationMicros / 1000
  const { endedAt } = recording
  return { profile, blocked, blockedUpTo: blockedUpToMicros / 1000, duration, endedAt, soFar }
}

/** Runs the function as another request, whom only the sampler's label knows. */
export function asOther<T>(title: string, fn: () => T): T {
  return thread.run(
    thread.passage.introduce(() => title),
    fn,
  )
}
