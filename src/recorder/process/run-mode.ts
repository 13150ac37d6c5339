import { isMainThread } from 'node:worker_threads'
import { clusterWorkerId } from '../../sampler/cluster-worker.js'
import { quietly } from '../../sampler/quietly.js'
import { saysItEnded, saysItEnds, saysItRuns } from '../../store/run-processes.js'
import type { Recorder } from '../recorder.js'
import { resolveOptions } from '../resolve-options.js'
import { threadRecorder } from '../thread-recorder.js'
import { watchChildren } from './children.js'
import { recordProcess } from './process-mode.js'

/** Under these a process ends without its exit handlers, unless it handles them itself. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Records this process as a whole, or this thread of it, until it ends, into a directory of which
 * nothing is ever removed. Null where nothing can be recorded, or where it is on.
 */
export function recordRun(dir: string, interval: string | null): Recorder | null {
  const settings = resolveOptions({
    dir,
    ...(interval === null ? {} : { interval: Number(interval) }),
    limits: { files: Infinity, bytes: Infinity, ageMs: Infinity },
  })
  if (settings.mode === 'off') return null
  const recorder = threadRecorder(settings)
  if (recorder === null || recorder.recordsProcess) return null
  const children = watchChildren((...ending) => saysItEnded(dir, ...ending))
  const recorded = recordProcess(settings, 'run')
  recorder.exitLimitMs = EXIT_LIMIT_MS
  // Its process says how it ends, and has the signals.
  if (!isMainThread) return recorder
  // Whoever started the run waits for the processes that have not said how they end. Where the disk
  // takes nothing, nobody waits; the program runs all the same.
  quietly(() => saysItRuns(dir, clusterWorkerId() ?? 0))()
  const ends = (code: number | null, signal: NodeJS.Signals | null) => {
    children.look()
    quietly(() => saysItEnds(dir, code, signal))()
  }
  process.on('exit', (code) => ends(code, null))
  for (const signal of ENDING) endBy(signal, recorder, ends, () => recorded?.renew())
  return recorder
}

// --- internal ---

/** Whoever started the run waits for its dumps. */
const EXIT_LIMIT_MS = 15_000

/** What has been sampled is written before the signal does what it does without us. */
function endBy(
  signal: NodeJS.Signals,
  recorder: Recorder,
  ends: (code: null, signal: NodeJS.Signals) => void,
  goOn: () => void,
): void {
  const end = () => {
    // The app's own handler decides; when it exits, the exit handlers run.
    if (process.listenerCount(signal) > 1) return
    // A container's first process: without a handler the signal does nothing, and SIGKILL follows.
    if (process.pid === 1) return goOn()
    recorder.flush()
    ends(null, signal)
    process.removeListener(signal, end)
    process.kill(process.pid, signal)
  }
  process.on(signal, end)
}
