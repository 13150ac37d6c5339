/** An app of the table in a process of its own, and the dumps that it writes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Profile } from '../../src/index.js'
import { profview } from '../support/app.js'
import { checkDump, type Dump } from '../support/dump-check.js'
import { type Answer, type Asked, Client } from './client.js'
import type { App } from './table.mjs'

/** How the app is given the profiler: in its code, or not at all. */
export type Mount = 'app' | 'none'

/** In memory where that can be: on a disk that others use, `fsync` may take seconds. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export interface Profiled {
  readonly answer: Answer
  readonly dump: Dump
  readonly profile: Profile
}

export class Running {
  readonly client: Client
  readonly #child: ChildProcess
  readonly #dir: string

  private constructor(child: ChildProcess, dir: string, client: Client) {
    this.#child = child
    this.#dir = dir
    this.client = client
  }

  static async start({ file, env, protocol }: App, mount: Mount): Promise<Running> {
    const port = await freePort()
    const dir = mkdtempSync(join(MEMORY, 'profview-frameworks-'))
    const child = spawn(process.execPath, [join(import.meta.dirname, 'apps', file)], {
      env: { ...process.env, ...env, MOUNT: mount, PORT: String(port), PROFVIEW_DIR: dir },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (text) => {
      errors += text
    })
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`${file} has ended: ${errors}`)
      await sleep(20)
    }
    return new Running(child, dir, new Client(protocol, port))
  }

  async stop(): Promise<void> {
    this.client.close()
    const ended = once(this.#child, 'exit')
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await ended
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** Triggers it by header. */
  async profiled(path: string, asked: Asked = {}): Promise<Profiled> {
    const headers = { 'x-profile': '1', ...asked.headers }
    const answer = await this.client.ask(path, { ...asked, headers })
    return { answer, ...(await this.dumpOf(answer.headers['x-profile-id'])) }
  }

  /** The dump of this id, as soon as it is there. */
  async dumpOf(id: string | undefined): Promise<Omit<Profiled, 'answer'>> {
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    return this.dumpWhere((name) => {
      return readFileSync(join(this.#dir, name), 'latin1').slice(0, 500).includes(`"id":"${id}"`)
    })
  }

  async dumpWhere(accepts: (name: string) => boolean): Promise<Omit<Profiled, 'answer'>> {
    let file = ''
    await expect
      .poll(() => {
        file = this.dumps().find(accepts) ?? ''
        return file
      })
      .not.toBe('')
    const path = join(this.#dir, file)
    return { dump: checkDump(path), profile: profview.readProfile(path) }
  }

  dumps(): string[] {
    return readdirSync(this.#dir).filter((name) => /^\d.*\.cpuprofile$/.test(name))
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
