import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { threadText } from '../profile/labels.js'
import { isJournal } from '../store/dump-name.js'
import { processesIn } from '../store/run-processes.js'

/** The command line never loads it: it is made of what records. */
const PROGRAM = new URL('../bundle/recover-worker.js', import.meta.url)
const MOST_SAID = 10

/**
 * Writes the dumps of the run's processes that have not done so, and returns what is to be said of
 * how its processes ended, a line each; `root` is the one whose end everybody sees.
 */
export async function recovered(dir: string, root: number | undefined): Promise<string[]> {
  const replayed = readdirSync(dir).some(isJournal) ? await replayIn(dir) : []
  const lines = replayed.map(({ text, error }) => (error === '' ? text : `${text}; ${error}`))
  const told = new Set(replayed.map(({ pid }) => pid))
  for (const { pid, workerId, runs, ending, isComplete } of processesIn(dir)) {
    if (told.has(pid) || (pid === root && isComplete)) continue
    const { code = null, signal = null } = ending ?? {}
    const how = signal !== null ? `was ended by ${signal}` : `exited with code ${code}`
    const end = runs ? 'still runs' : ending === null ? 'ended without a word (killed?)' : how
    const rest = isComplete ? '' : ': nothing was recorded of it'
    lines.push(`${threadText({ pid, workerId, threadId: 0 })} ${end}${rest}`)
  }
  const left = lines.length - MOST_SAID
  return left <= 0
    ? lines
    : [...lines.slice(0, MOST_SAID), `${left} more processes ended like these`]
}

// --- internal ---

interface Replayed {
  readonly pid: number
  readonly text: string
  /** Why there is no dump of it; '': there is one. */
  readonly error: string
}

async function replayIn(dir: string): Promise<readonly Replayed[]> {
  const worker = new Worker(PROGRAM, { workerData: { dir }, execArgv: [], env: {} })
  const [replayed] = await once(worker, 'message')
  return replayed
}
