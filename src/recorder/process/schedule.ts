/**
 * The whole thread, now and then. When is a matter of the clock and of who it is, so that workers,
 * threads and replicas have times of their own, however they were started:
 *
 *     worker 1   ██──────────────────██──────────
 *     worker 2   ────────────██──────────────────██
 */
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { printableReason } from '../../printable.js'
import { clusterWorkerId } from '../../sampler/cluster-worker.js'
import { setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { RECOMPILING_MS } from '../../sampler/recompile.js'
import { warmUp } from '../cold-start.js'
import type { Schedule } from '../option-values.js'
import type { Settings } from '../options.js'
import { outsideRequests } from '../outside-requests.js'
import { recordStretch, type Told } from './thread-stretch.js'

/** A thread has one: of its mounts, the first that has a schedule. */
const SHARED = Symbol.for('profview.schedule.1')
const shared = globalThis as { [SHARED]?: true }

export function recordBySchedule(settings: Settings, told: Told): void {
  const { schedule } = settings
  if (schedule === null || shared[SHARED]) return
  shared[SHARED] = true
  const phase = phaseOf(hostname(), clusterWorkerId() ?? process.pid, threadId)
  outsideRequests(() => next(schedule, phase, settings, told))
}

/** Ms from a time since the epoch to the next start; `phase` is a share of the time between two. */
export function untilNext({ everyMs }: Schedule, phase: number, atMs: number): number {
  const since = (atMs - phase * everyMs) % everyMs
  return everyMs - (since < 0 ? since + everyMs : since)
}

/** From 0 to 1: far apart for numbers that follow each other, anywhere for others. */
export function phaseOf(host: string, worker: number, thread: number): number {
  let hash = 0
  for (let i = 0; i < host.length; i++) hash = (Math.imul(hash, 31) + host.charCodeAt(i)) | 0
  // Names of hosts differ in their last letter.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash >>> 0) / 2 ** 32 + worker * GOLDEN + thread * SILVER) % 1
}

// --- internal ---

/** Multiples of it divide a circle as evenly as can be, however many there are. */
const GOLDEN = 0.618_033_988_749_895
/** The same, in other places. */
const SILVER = 0.414_213_562_373_095
/** A timer may be early by as much, ms. */
const EARLY_MS = 10

function next(schedule: Schedule, phase: number, settings: Settings, told: Told): void {
  const wait = untilNext(schedule, phase, Date.now() + EARLY_MS) + EARLY_MS
  const begin = quietly(() => {
    // Planned first: whatever fails here fails once.
    next(schedule, phase, settings, told)
    record(schedule.forMs, settings, told)
  })
  setTimeout(begin, wait).unref()
  // Where somebody is armed by then, and where it is too late for that, nothing is done.
  const before = quietly(() => warm(told))
  if (wait > RECOMPILING_MS) setTimeout(before, wait - RECOMPILING_MS).unref()
}

function warm(told: Told): void {
  warmUp(() => told.wake())
  told.rest()
}

/** In pieces, where it is longer than any recording may be. */
function record(forMs: number, settings: Settings, told: Told): void {
  const piece = Math.min(forMs, settings.limits.durationMs)
  const rest = () => {
    told.rest()
    if (forMs - piece >= SHORTEST_MS) record(forMs - piece, settings, told)
  }
  try {
    const recorder = told.wake()
    if (!recorder?.takesMore) return told.rest()
    recordStretch(recorder, settings, { kept: 'schedule', forMs: piece, labels: {}, ended: rest })
  } catch (error) {
    told.rest()
    settings.logger.warn(`profview: the schedule is left out: ${printableReason(error)}`)
  }
}

/** Less is no piece, ms. */
const SHORTEST_MS = 100
