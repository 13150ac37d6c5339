import { spawn } from 'node:child_process'
import { processesIn, saysItEnded } from '../store/run-processes.js'
import type { Io } from './output.js'

/** How a program ended: by itself, or by a signal. */
export interface ProgramEnd {
  readonly pid: number | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Ran before the program in each of its processes; the command line never loads it itself. */
const PRELOAD = new URL('../bundle/run-preload.mjs', import.meta.url)

export interface ProgramOptions {
  /** Where its processes leave their dumps. */
  readonly dir: string
  readonly intervalMs: number | undefined
  /** Where its requests are kept one by one; null: nowhere. */
  readonly requestsDir: string | null
  readonly io: Io
}

/**
 * Runs `node args…` on this terminal until it has ended, with the preload in it and in every Node
 * that it starts.
 */
export async function runProfiled(
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  const { dir, intervalMs, requestsDir, io } = options
  const preload = new URL(PRELOAD)
  preload.searchParams.set('dir', dir)
  if (intervalMs !== undefined) preload.searchParams.set('interval', String(intervalMs))
  if (requestsDir !== null) preload.searchParams.set('requests', requestsDir)
  const NODE_OPTIONS = `--import=${preload} ${io.env.NODE_OPTIONS ?? ''}`.trimEnd()
  const child = spawn(process.execPath, args, {
    cwd: io.cwd,
    env: { ...io.env, NODE_OPTIONS },
    stdio: 'inherit',
  })
  const stop = passSignals((signal) => child.kill(signal))
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code, signal) => {
        const { pid } = child
        if (pid !== undefined) saysItEnded(dir, pid, code, signal)
        resolve({ pid, code, signal })
      })
    })
  } finally {
    stop()
  }
}

/** Until the processes that the program has started have ended too, or for long enough. */
export async function othersEnded(dir: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const alive = processesIn(dir).some(({ runs }) => runs)
    if (!alive || performance.now() > deadline) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

// --- internal ---

/**
 * Workers of a cluster whose primary is gone end by themselves, and write their dumps while they
 * do.
 */
const PATIENCE_MS = 5000
/** A program that is busy does not see a signal; who asks twice gets it killed. */
const GRACE_MS = 1000

/**
 * Passes on what ends a program, and lives on to see it end. Returns the function that stops it.
 */
function passSignals(send: (signal: NodeJS.Signals) => void): () => void {
  let asked = 0
  let killing: NodeJS.Timeout | undefined
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const handler = () => {
      // A terminal signals all that run on it by itself.
      if (signal === 'SIGTERM' || !process.stdin.isTTY) send(signal)
      if (++asked === 2) killing = setTimeout(() => send('SIGKILL'), GRACE_MS)
    }
    process.on(signal, handler)
    return () => process.removeListener(signal, handler)
  })
  return () => {
    clearTimeout(killing)
    for (const remove of handlers) remove()
  }
}
