/** What a dump says about a recording, apart from what its samples tell. */
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { emptyLedger } from '../profile/ledger.js'
import type { DumpMeta, Kept, RequestMeta, Stall, Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { clusterWorkerId } from '../sampler/cluster-worker.js'
import type { LateEnd, Waiter } from '../sampler/queue-bound.js'
import type { Recording } from '../sampler/recording.js'
import type { ThreadSampler } from '../sampler/thread-sampler.js'
import type { Finished } from '../sampler/window.js'
import type { Annotation } from './annotation.js'
import type { BodyAsked } from './gate/trigger.js'
import type { Logger } from './logger.js'
import type { FinishMessage, StoreAddress, WriterAnswer } from './writer/messages.js'

/** What the dump will say about a recording, beyond what the sampler knows. */
export interface Subject {
  readonly id: string
  readonly kind: DumpMeta['kind']
  /** Of a function or a job. */
  readonly name: string | null
  readonly kept: Kept
  /** Read when the recording has ended and is handed over. */
  request(): RequestMeta | null
  readonly labels: Readonly<Record<string, string>>
  /** The app says more of it. Not given: what it says is nobody's. */
  annotate?(annotation: Annotation): void
  readonly startedAt: Date
  /** What the profile does not know; may grow until the recording is handed over. */
  readonly warnings: Warning[]
  /** Where the dump goes; null: the profile comes with the answer. */
  readonly store: StoreAddress | null
  /** Told of a directory that refuses the dump. */
  readonly logger?: Logger
  /** The recording is ended by a timer if it takes longer, ms. */
  readonly limitMs?: number
  /**
   * What is known of it shall outlive the process at any time: for whoever started the run, or for
   * who writes dumps to its directory next.
   */
  readonly keptSafe?: 'for-run' | 'for-next'
  /** Somebody waits for the answer, which shall bring the profile too. */
  readonly isAwaited?: boolean
  /** The answer shall bring the dump too, as a page or as it is. */
  readonly body?: BodyAsked | null
  /** A line on stderr shall say where the dump is. */
  readonly isTold?: boolean
  /** Nothing came with the request or behind it on its connection. */
  readonly cameAlone?: boolean
  readonly ifSlowMs?: number | null
  /** Of a stall: who came meanwhile, and who may have waited for it to end. */
  readonly waiters?: readonly Waiter[]
  readonly lateEnds?: readonly LateEnd[]
  /** Not given: yes. Asked when the recording has ended. */
  readonly isWanted?: boolean
  /** Of a stall. */
  readonly stall?: Pick<Stall, 'ended' | 'cause'>
  answered(answer: WriterAnswer): void
}

/** The recording has ended, or goes on: `subject` and `sampler` tell what they know. */
export function finishedOf(
  recording: Recording,
  subject: Subject,
  sampler: ThreadSampler,
  armedAt: number,
  endedAt = recording.endedAt,
): Finished {
  const { startedAt, knowsAwaits, id } = recording
  const meta: DumpMeta = {
    version: 2,
    writer: '',
    id: subject.id,
    kind: subject.kind,
    name: subject.name,
    startedAt: subject.startedAt.toISOString(),
    durationMicros: Math.round((endedAt - startedAt) * 1000),
    request: subject.request(),
    process: {
      pid: process.pid,
      workerId: clusterWorkerId() ?? 0,
      threadId,
      host: hostname(),
      node: process.version,
    },
    kept: subject.kept,
    attribution: tellsOwners(recording) ? sampler.attribution : 'process',
    awaits: knowsAwaits,
    intervalMicros: sampler.intervalMicros,
    samples: 0,
    dropped: 0,
    armedSinceMicros: Math.max(0, Math.round((startedAt - armedAt) * 1000)),
    ledger: emptyLedger(),
    blockedUpToMicros: 0,
    machine: null,
    queued: null,
    stall: subject.stall ? { ...subject.stall, ...NOBODY_WAITED } : null,
    labels: subject.labels,
    warnings: [
      ...subject.warnings,
      ...overLimit(endedAt - startedAt, subject.limitMs),
      ...sampler.warningsOf(recording),
    ],
  }
  return {
    contextId: id,
    start: startedAt,
    end: endedAt,
    hasRunSegments: knowsAwaits,
    chain: sampler.chainOf(recording),
    labelled: sampler.labelled,
    labelsAll: sampler.labelsAll,
    queueing: recording.queueing,
    ...(subject.waiters && { waiters: subject.waiters }),
    ...(subject.lateEnds && { lateEnds: subject.lateEnds }),
    meta,
  }
}

/** The order to write what has ended. */
export function endOf(subject: Subject, recording: Finished): FinishMessage {
  return {
    type: 'finish',
    recording,
    store: subject.store,
    body: subject.body ?? null,
    isTold: subject.isTold ?? false,
    isAwaited: subject.isAwaited ?? false,
    cameAlone: subject.cameAlone ?? false,
    ifSlowMs: subject.ifSlowMs ?? null,
  }
}

// --- internal ---

/** Its dump is about to be made, and says the rest. */
const NOBODY_WAITED = { delayedCount: 0, delayed: [] }

/** Timers are late by less on any machine that has time for its programs, ms. */
const LATE_MS = 100

/** A program that is run is one whole, with the requests in it named. */
function tellsOwners({ detail }: Recording): boolean {
  return detail !== 'none' && detail !== 'whole'
}

/** A timer ends it, which nobody calls while the loop is blocked. */
function overLimit(durationMs: number, limitMs = Number.POSITIVE_INFINITY): Warning[] {
  const overMs = Math.round(durationMs - limitMs)
  if (overMs < LATE_MS) return []
  const fact = `${overMs} ms longer than \`limits.durationMs\` (${limitMs} ms)`
  return [warning('over-limit', `${fact}: the loop was blocked when that was over`)]
}
