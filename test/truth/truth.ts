/**
 * Programs that clock themselves, and what their profiles must say of them. Nothing here knows how
 * a profile is made: the app and its client are processes of their own, profview is what anybody
 * imports, and a dump is read as anybody reads it.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import type { Profile, ProfilerOptions } from '../../src/index.js'
import { profview, ROOT, temporaryDir } from '../support/app.js'

/** Of app.mjs. */
export interface AppSettings {
  /** The ports of databases to work with. */
  readonly postgres?: number
  readonly redis?: number
  readonly mariadb?: number
  readonly express?: boolean
  readonly options?: ProfilerOptions
}

/** A request that the client shall make, `at` ms after it was told. */
export interface Asked {
  readonly path: string
  readonly at?: number
  /** As our own client does. */
  readonly saysWhen?: boolean
}

/** What the client saw: µs of the clock that all processes share. */
export interface Answer {
  readonly sent: number
  /** The system had all of it then, at the latest. */
  readonly flushed: number
  readonly received: number
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Somebody was busy: by the name of the function, µs. */
export interface Burst {
  readonly name: string
  readonly start: number
  readonly end: number
  /** Of the thread, meanwhile. */
  readonly cpu: number
}

/** The loop's check phase, and how long the loop had slept until then, in ms. */
export interface Check {
  readonly at: number
  readonly idle: number
}

export interface Wait {
  /** The function that waited. */
  readonly by: string
  readonly start: number
  /** Before that, what it waited for cannot have been there. */
  readonly ready: number
  /** And then it was, whether the loop looked or not. */
  readonly exact: boolean
  /** It was over for a while in between: what it waited for came one after another. */
  readonly inParts: boolean
  readonly end: number
}

/** A request as its handler clocked it. */
export interface Clocked {
  /** The name of its busy function, too. */
  readonly id: string
  /** Before profview saw it, and when its handler began. */
  readonly seen: number
  readonly entered: number
  readonly ended: number
  readonly waits: readonly Wait[]
  /** Where it waited and let nobody else run, by the name of the function. */
  readonly stops: readonly Burst[]
  /** CPU time of the thread from `seen` to `ended`, whoever used it. */
  readonly threadCpu: number
  /** For how long the machine ran other programs while the thread could have run. */
  readonly delay: number
}

export interface Log {
  readonly bursts: readonly (Burst & Pick<Check, 'idle'>)[]
  readonly checks: readonly Check[]
  readonly requests: readonly Clocked[]
  readonly dumps: readonly { readonly id: string; readonly file: string }[]
}

export interface Program {
  /** By a client in a third process; all answers when the last one is there. */
  ask(...asked: Asked[]): Promise<Answer[]>
  log(): Promise<Log>
}

/** Ends with the test. */
export async function startProgram(settings: AppSettings): Promise<Program> {
  const options = { dir: temporaryDir(), ...settings.options }
  const app = startScript('app.mjs', JSON.stringify({ ...settings, options }))
  const { port } = JSON.parse(await app.line())
  const client = startScript('client.mjs', String(port))
  async function ask(...asked: Asked[]): Promise<Answer[]> {
    client.stdin.write(`${JSON.stringify(asked)}\n`)
    return JSON.parse(await client.line())
  }
  return {
    ask,
    async log() {
      return JSON.parse((await ask({ path: '/log' }))[0]!.body)
    },
  }
}

export interface Recorded {
  readonly profile: Profile
  readonly clocked: Clocked
  readonly log: Log
}

/** Profiled requests of these ids, as their dumps and as their handlers tell; waits for dumps. */
export async function recordedOf(program: Program, ...ids: string[]): Promise<Recorded[]> {
  const log = await vi.waitFor(
    async () => {
      const log = await program.log()
      const missing = ids.filter((id) => !log.dumps.some((dump) => dump.id === id))
      if (missing.length > 0) throw new Error(`no dumps of ${missing.join(', ')}`)
      return log
    },
    { timeout: 30_000, interval: 100 },
  )
  return Promise.all(
    ids.map(async (id) => ({
      profile: await profview.readProfile(log.dumps.find((dump) => dump.id === id)!.file),
      clocked: log.requests.find((request) => request.id === id)!,
      log,
    })),
  )
}

export interface Started {
  readonly stdin: Writable
  line(): Promise<string>
}

/** A script of this directory; it ends when its standard input does. */
export function startScript(
  script: string,
  argument: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Started {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [...flags, path, argument],
    { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'], env: { ...environment(), ...env } },
  )
  onTestFinished(async () => {
    const ended = child.exitCode !== null || once(child, 'exit')
    child.stdin.end()
    await ended
  })
  const lines: Interface = createInterface(child.stdout)
  const next = lines[Symbol.asyncIterator]()
  return {
    stdin: child.stdin,
    async line() {
      const { value, done } = await next.next()
      if (done) throw new Error(`${script} has ended`)
      return value
    },
  }
}

// --- internal ---

/** The tests' own environment must not decide what a program does. */
function environment(): NodeJS.ProcessEnv {
  const mine = Object.entries(process.env)
  return Object.fromEntries(mine.filter(([name]) => !/^(PROFVIEW|NODE_|VITEST)/.test(name)))
}
