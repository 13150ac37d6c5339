/** Apps in processes of their own, clustered or not, that share a directory of dumps. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished, vi } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'

export interface WorkerState {
  readonly profiled: number
  readonly refused: number
  readonly skipped: number
  /** Dumps. */
  readonly written: number
  readonly warnings: readonly string[]
}

export interface GatedApp {
  /** One for each worker. */
  readonly ports: readonly number[]
  states(): Promise<readonly WorkerState[]>
  /** When so many requests have come to an end: written, skipped or refused. */
  settled(requests: number): Promise<readonly WorkerState[]>
  end(): Promise<void>
}

/** `workers`: 0 for one process without a cluster. */
export async function startGated(
  workers: number,
  options: ProfilerOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<GatedApp> {
  const args = [String(workers), JSON.stringify(options)]
  const child = fork('test/support/gated-app.mjs', args, {
    env: { PATH: process.env.PATH, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [{ ports }] = await once(child, 'message')
  const states = () => answerOf(child)
  return {
    ports,
    states,
    async settled(requests) {
      return await vi.waitFor(
        async () => {
          const all = await states()
          const ended = all.reduce(
            (sum, each) => sum + each.written + each.skipped + each.refused,
            0,
          )
          if (ended !== requests) throw new Error(`${ended} of ${requests} requests have ended`)
          return all
        },
        { timeout: 30_000, interval: 50 },
      )
    },
    async end() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/** The id that the answer names; null for one that is as without us. */
export async function askGated(
  port: number,
  path: string,
  init: RequestInit = {},
): Promise<string | null> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init)
  if (init.method !== 'HEAD' && (await answer.text()) !== 'served') throw new Error('not served')
  return answer.headers.get('x-profile-id')
}

// --- internal ---

async function answerOf(child: ChildProcess): Promise<readonly WorkerState[]> {
  const answer = once(child, 'message')
  child.send('state')
  return (await answer)[0]
}
