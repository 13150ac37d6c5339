import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quietly } from '../sampler/quietly.js'
import { recordProcess } from './process-mode.js'
import type { Recorder } from './recorder.js'
import { resolveOptions } from './resolve-options.js'
import { threadRecorder } from './thread-recorder.js'

/** Under these a process ends without its exit handlers, unless it handles them itself. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Records this process as a whole, until it ends, into a directory of which nothing is ever
 * removed.
 */
export function recordRun(dir: string, interval: string | null): void {
  const settings = resolveOptions({
    dir,
    ...(interval === null ? {} : { interval: Number(interval) }),
    limits: { files: Infinity, bytes: Infinity, ageMs: Infinity },
  })
  if (settings.mode === 'off') return
  const recorder = threadRecorder(settings)
  if (recorder === null || recorder.recordsProcess) return
  recordProcess(settings, 'run')
  recorder.exitLimitMs = EXIT_LIMIT_MS
  // Whoever started the run waits for the processes that have not removed theirs.
  const running = join(dir, `${process.pid}.running`)
  // Where the disk takes nothing, nobody waits; the program runs all the same.
  quietly(() => writeFileSync(running, ''))()
  process.on(
    'exit',
    quietly(() => rmSync(running, { force: true })),
  )
  for (const signal of ENDING) endBy(signal, recorder, running)
}

// --- internal ---

/** Whoever started the run waits for its dumps. */
const EXIT_LIMIT_MS = 15_000

/** What has been sampled is written before the signal does what it does without us. */
function endBy(signal: NodeJS.Signals, recorder: Recorder, running: string): void {
  const end = () => {
    // The app's own handler decides; when it exits, the exit handlers run.
    if (process.listenerCount(signal) > 1) return
    recorder.flush()
    quietly(() => rmSync(running, { force: true }))()
    process.removeListener(signal, end)
    process.kill(process.pid, signal)
  }
  process.on(signal, end)
}
