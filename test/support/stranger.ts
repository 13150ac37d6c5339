/** Apps that never heard of profview, in processes of their own, to be attached to. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ROOT } from './app.js'

export interface Server {
  readonly pid: number
  readonly port: number
}

export interface Stranger {
  readonly child: ChildProcess
  /** The main process, or a cluster's primary. */
  readonly pid: number
  readonly servers: readonly Server[]
  readonly stderr: () => string
}

interface Wishes {
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
  readonly workers?: number
}

/** All of it listens by now. */
export async function stranger({
  env = {},
  flags = [],
  workers = 0,
}: Wishes = {}): Promise<Stranger> {
  // Another port for its inspector than others on this machine.
  const isGiven = flags.some((flag) => flag.startsWith('--inspect'))
  // Workers of a cluster have the next ones, which 0 does not have.
  const port = isGiven ? [] : [`--inspect-port=${workers === 0 ? 0 : await freePort()}`]
  const app = join(ROOT, 'test/support/stranger-app.mjs')
  const child = spawn(process.execPath, [...port, ...flags, app], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, WORKERS: String(workers), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const servers = await listening(child, Math.max(1, workers))
  onTestFinished(() => {
    for (const { pid } of servers) kill(pid)
    child.kill('SIGKILL')
  })
  return { child, pid: child.pid!, servers, stderr: () => err }
}

/** The answer as it came, but for its time. */
export async function answerOf({ port }: Server, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more
      })
      const head = response.rawHeaders.filter((_, i, all) => !/^date$/i.test(all[i - (i % 2)]!))
      response.on('end', () => resolve(`${response.statusCode} ${head.join(' ')} ${text}`))
    })
      .on('error', reject)
      .end()
  })
}

export async function inventoryOf({ port }: Server): Promise<Record<string, unknown>> {
  const answer = await fetch(`http://127.0.0.1:${port}/inventory`)
  return (await answer.json()) as Record<string, unknown>
}

/** Two at a time, until it is told to stop; how many there were. */
export function load({ port }: Server, path: string): () => Promise<number> {
  let isOn = true
  let count = 0
  const lane = async () => {
    for (; isOn; count++) {
      await fetch(`http://127.0.0.1:${port}${path}`).then((answer) => answer.text())
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }
  const done = Promise.all([lane(), lane()])
  return async () => {
    isOn = false
    await done
    return count
  }
}

// --- internal ---

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function listening(child: ChildProcess, count: number): Promise<Server[]> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`it has ended: ${text}`)))
    child.stdout!.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const lines = text.split('\n').slice(0, -1)
      if (lines.length < count) return
      resolve(
        lines
          .map((line) => line.split(' ').map(Number))
          .map(([pid, port]) => ({ pid: pid!, port: port! })),
      )
    })
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
