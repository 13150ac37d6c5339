/**
 * The processes of a run, in its directory: each says there that it runs and how it ended, or who
 * has started it does.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isThere } from './process-identity.js'

/** How a process has ended: by itself, or by a signal. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  /** When, at the latest, ms since the epoch. */
  readonly at: number
}

export interface RunProcess {
  readonly pid: number
  /** In its cluster; 0: it is none's. */
  readonly workerId: number
  readonly runs: boolean
  /** Null: it goes on, or nobody has seen how it ended. */
  readonly ending: Ending | null
  /** It has said so itself, after all of it was written. */
  readonly isComplete: boolean
}

/** Of this process, which begins. Throws what the file system throws, as all here. */
export function saysItRuns(dir: string, workerId: number): void {
  writeFileSync(join(dir, `${process.pid}${RUNNING}`), JSON.stringify({ workerId }))
}

/** Of this process, which ends now. */
export function saysItEnds(dir: string, code: number | null, signal: string | null): void {
  // A good end needs no words.
  if (code !== 0) write(dir, process.pid, { code, signal, isComplete: true })
  rmSync(join(dir, `${process.pid}${RUNNING}`), { force: true })
}

/** Of another one, which has ended by now. */
export function saysItEnded(
  dir: string,
  pid: number,
  code: number | null,
  signal: string | null,
): void {
  // It has said so itself, or is none that is recorded.
  if (existsSync(join(dir, `${pid}${RUNNING}`))) write(dir, pid, { code, signal })
}

/** All that have not ended, or not well. */
export function processesIn(dir: string): RunProcess[] {
  const pids = new Map<number, RunProcess>()
  for (const name of readdirSync(dir)) {
    const pid = Number.parseInt(name, 10)
    const isEnded = name.endsWith(ENDED)
    if (!isEnded && !(name.endsWith(RUNNING) && !pids.has(pid))) continue
    const { workerId = 0, isComplete = false, code, signal, at } = read(join(dir, name))
    const ending = isEnded ? { code: code ?? null, signal: signal ?? null, at: at ?? 0 } : null
    pids.set(pid, { pid, workerId, runs: !isEnded && isThere(pid), ending, isComplete })
  }
  return [...pids.values()]
}

// --- internal ---

const RUNNING = '.running'
const ENDED = '.ended'

type Word = Partial<Ending & RunProcess>

function write(dir: string, pid: number, word: Word): void {
  const { workerId = 0 } = read(join(dir, `${pid}${RUNNING}`))
  const text = JSON.stringify({ ...word, workerId, at: Date.now() })
  writeFileSync(join(dir, `${pid}${ENDED}`), text)
}

/** Empty while it is being written. */
function read(path: string): Word {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}
