/** An app of the table in a process of its own, and the dumps that it writes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import type { Profile } from '../../src/index.js'
import { signToken } from '../../src/token.js'
import { profview } from '../support/app.js'
import { checkDump, type Dump } from '../support/dump-check.js'
import { type Answer, type Asked, Client } from './client.js'
import type { Clock } from './own-time.js'
import type { App, Mounted } from './table.mjs'

/** How the app is given the profiler: in its code, by `profview/register`, or not at all. */
export type Mount = Mounted | 'none'

/** In memory where that can be: on a disk that others use, `fsync` may take seconds. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** For a dump. */
const WAIT = { timeout: 30_000, interval: 50 }

export interface Profiled {
  readonly answer: Answer
  readonly dump: Dump
  readonly profile: Profile
}

export class Running {
  readonly client: Client
  readonly #child: ChildProcess
  readonly #dir: string
  readonly #secret: string | undefined

  private constructor(child: ChildProcess, dir: string, client: Client, secret?: string) {
    this.#child = child
    this.#dir = dir
    this.#secret = secret
    this.client = client
  }

  static async start(app: App, mount: Mount): Promise<Running> {
    const port = await freePort()
    const dir = mkdtempSync(join(MEMORY, 'profview-frameworks-'))
    const { file, protocol } = app
    const isRegistered = mount === 'register'
    const flags = isRegistered ? [app.flag, 'profview/register'] : []
    flags.push('--import', './apps/clocked.mjs')
    const child = spawn(process.execPath, [...flags, join('apps', file)], {
      cwd: import.meta.dirname,
      env: {
        ...process.env,
        ...app.env,
        ...(isRegistered && app.registered),
        MOUNT: mount,
        PORT: String(port),
        PROFVIEW_DIR: dir,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let errors = ''
    child.stderr!.on('data', (text) => {
      errors += text
    })
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`${file} has ended: ${errors}`)
      await sleep(20)
    }
    const client = new Client(protocol, port)
    // Sooner than its code is there a short wait is over.
    if (app.loadsLate) await client.ask('/hello')
    return new Running(child, dir, client, app.registered?.PROFVIEW_SECRET)
  }

  async stop(): Promise<void> {
    this.client.close()
    const ended = once(this.#child, 'exit')
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await ended
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** What its header has to say; `path`: the query counts for nothing. */
  trigger(method: string, path: string): string {
    if (this.#secret === undefined) return '1'
    return signToken(this.#secret, { method, path: path.split('?')[0]! }, Date.now() + 60_000)
  }

  /** Triggers it by header. */
  async profiled(path: string, asked: Asked = {}): Promise<Profiled> {
    const { method = 'GET' } = asked
    const headers = { 'x-profile': this.trigger(method, path), ...asked.headers }
    const answer = await this.client.ask(path, { ...asked, headers })
    return { answer, ...(await this.dumpOf(answer.headers['x-profile-id'])) }
  }

  /** The dump of this id, as soon as it is there. */
  async dumpOf(id: string | undefined): Promise<Omit<Profiled, 'answer'>> {
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    return this.dumpWhere((name) => {
      return readFileSync(join(this.#dir, name), 'latin1').slice(0, 500).includes(`"id":"${id}"`)
    })
  }

  async dumpWhere(accepts: (name: string) => boolean): Promise<Omit<Profiled, 'answer'>> {
    // Several tests run at once: the time to wait for one is not `expect.poll`'s.
    const file = await vi.waitFor(() => this.#fileWhere(accepts), WAIT)
    const path = join(this.#dir, file)
    return { dump: checkDump(path), profile: profview.readProfile(path) }
  }

  /** As its own clock stands. */
  async clock(): Promise<Clock> {
    const told = once(this.#child, 'message')
    this.#child.send('clock')
    return (await told)[0]
  }

  dumps(): string[] {
    return readdirSync(this.#dir).filter((name) => /^\d.*\.cpuprofile$/.test(name))
  }

  // --- internal ---

  #fileWhere(accepts: (name: string) => boolean): string {
    const file = this.dumps().find(accepts)
    if (file === undefined) throw new Error('no such dump')
    return file
  }
}

// --- internal ---

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
  })
}
