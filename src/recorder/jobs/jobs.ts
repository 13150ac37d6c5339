/**
 * Jobs, which are calls of `profile()`: recorded from their beginning, or passing under a number as
 * requests do, to be recalled if they turn out slow. Nothing in here may throw into the app.
 */
import type { Profile, Warning } from '../../profile/profile.js'
import { PROCESS_ENDED_FIRST, warning } from '../../profile/warnings.js'
import { now } from '../../sampler/clock.js'
import { clearTimeout, setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { Recording } from '../../sampler/recording.js'
import { coldWarnings } from '../cold-start.js'
import { DumpBudget } from '../dump-budget.js'
import { tellLimit } from '../gate/refusals.js'
import { watchForCaptures } from '../process/capture-watch.js'
import type { Told } from '../process/thread-stretch.js'
import type { Recorder } from '../recorder.js'
import { armedRecorder, threadRecorder } from '../thread-recorder.js'
import type { Job } from './job-options.js'
import { JobSubject } from './job-subject.js'
import { PassingJob } from './passing-job.js'

/** A call that has begun. */
export interface RunningJob {
  /** Calls `fn`, once; only it can throw. */
  run<T>(fn: () => T): T
  /** It has ended. Null: nothing is kept of it. */
  end(): Promise<Profile | null> | null
}

/** Null where nobody is interested in the call. */
export function beginJob(job: Job): RunningJob | null {
  try {
    return begin(job)
  } catch {
    // It runs all the same.
    return null
  }
}

// --- internal ---

function begin(job: Job): RunningJob | null {
  const { share, slowMs, settings } = job
  if (settings.mode === 'off') return null
  if (job.isKept) answerCaptures(job)
  const isChosen = share === null ? slowMs === null : Math.random() < share
  const needsSampler = isChosen || slowMs !== null
  // The first that is chosen shall be as true as the tenth.
  const recorder =
    needsSampler || settings.arm === 'start' ? threadRecorder(settings) : armedRecorder()
  if (!recorder?.sampler.isRunning) return null
  const isRecorded = isChosen && mayBegin(recorder, job)
  return isRecorded ? recordJob(recorder, job) : passJob(recorder, job)
}

/** As for requests, where a dump shall come of it. */
function mayBegin(recorder: Recorder, job: Job): boolean {
  const { settings, isKept } = job
  if (!isKept) return true
  if (isResting(recorder, job)) return false
  if (recorder.underWay < settings.limits.concurrent) return budgetOf(job).take(recorder, false)
  tellLimit('concurrent', false, settings)
  return false
}

function recordJob(recorder: Recorder, job: Job): RunningJob {
  const { durationMs } = job.settings.limits
  const subject = new JobSubject(job, job.share === null ? 'call' : 'share')
  subject.onDropped = (againInMs) => dropped(job, againInMs)
  subject.warnings.push(...coldWarnings(recorder))
  const recording = recorder.begin(subject, subject.teller, job.awaits ? 'awaits' : 'labels')
  recorder.sampler.passage.nest(recording)
  if (job.isKept) recorder.underWay++
  let hasEnded = false
  const end = () => {
    if (hasEnded) return
    hasEnded = true
    if (job.isKept) recorder.underWay--
    recorder.sampler.end(recording)
  }
  const cutOff = () => {
    const text = `cut off after ${durationMs} ms, before it ended`
    subject.warnings.push(warning('cut-off', text))
    end()
  }
  const limit = job.isKept ? setTimeout(quietly(cutOff), durationMs).unref() : undefined
  return {
    run: (fn) => recorder.sampler.run(recording, fn),
    end() {
      clearTimeout(limit)
      quietly(end)()
      return subject.profile
    },
  }
}

/** Null where nobody needs to know of it, or it is told as a part of somebody else. */
function passJob(recorder: Recorder, job: Job): RunningJob | null {
  const { sampler } = recorder
  const { slowMs, settings, name } = job
  const outer = sampler.running
  const isTold = outer instanceof Recording && outer.follows
  if (isTold || (slowMs === null && (outer !== null || !sampler.passage.isOpen))) return null
  if (slowMs !== null) {
    sampler.past.keep(settings.limits.durationMs)
    settleAtExit(recorder)
  }
  let kept: JobSubject | null = null
  const settle = (passing: PassingJob, processEnds: boolean) => {
    const endedAt = now()
    if (endedAt - passing.startedAt < slowMs!) return
    if (isResting(recorder, job) || !budgetOf(job).take(recorder, false)) return
    kept = recall(recorder, job, passing, endedAt, processEnds ? [PROCESS_ENDED_FIRST] : [])
  }
  const passing = new PassingJob(name, slowMs === null ? null : settle)
  passing.startedAt = now()
  return {
    run: (fn) => sampler.passage.run(passing, fn),
    end() {
      quietly(() => passing.settle?.(passing, false))()
      quietly(() => sampler.passage.leave(passing))()
      return kept?.profile ?? null
    },
  }
}

function recall(
  recorder: Recorder,
  job: Job,
  passing: PassingJob,
  endedAt: number,
  warnings: readonly Warning[],
): JobSubject {
  const subject = new JobSubject(job, 'slow')
  subject.startedAt = new Date(Date.now() - (endedAt - passing.startedAt))
  subject.warnings.push(...warnings)
  subject.onDropped = (againInMs) => dropped(job, againInMs)
  if (passing.annotation !== null) subject.annotate(passing.annotation)
  const { past } = recorder.sampler
  recorder.recalled(past.recall(passing, subject.teller, null, endedAt, true), subject)
  return subject
}

const settled = new WeakSet<Recorder>()

function settleAtExit(recorder: Recorder): void {
  if (settled.has(recorder)) return
  settled.add(recorder)
  recorder.beforeExit(() => {
    for (const passing of [...recorder.sampler.passage.passing]) {
      if (passing instanceof PassingJob) passing.settle?.(passing, true)
    }
  })
}

/** By directory; whoever asks there is answered for as long as the thread lives. */
const answering = new Map<string, Told>()
const MOST_DIRECTORIES = 16

/** Also where the process serves no requests. */
function answerCaptures({ settings }: Job): void {
  const { dir } = settings
  if (answering.has(dir) || answering.size >= MOST_DIRECTORIES) return
  const told: Told = { wake: () => threadRecorder(settings), rest() {} }
  answering.set(dir, told)
  watchForCaptures(settings, told)
}

/** One for all jobs that have the same limit and directory: each call has options of its own. */
const budgets = new Map<string, DumpBudget>()

function budgetOf({ settings }: Job): DumpBudget {
  const key = `${settings.limits.perMinute} ${settings.dir}`
  const known = budgets.get(key)
  if (known !== undefined) return known
  const made = new DumpBudget(settings, { profiled: 0, refused: 0, skipped: 0 })
  budgets.set(key, made)
  return made
}

function dropped(job: Job, againInMs: number): void {
  if (againInMs > 0) tellLimit('perMinute', false, job.settings)
  budgetOf(job).giveBack(againInMs)
}

/** The directory of dumps takes none now, and is left alone. */
function isResting(recorder: Recorder, { settings: { dir, logger } }: Job): boolean {
  const directory = recorder.directoryOf(dir)
  if (directory.isResting) directory.passUp(logger)
  return directory.isResting
}
