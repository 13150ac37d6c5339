/** An app that stalls, its client, and the dumps that it leaves. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Profile, ProfilerOptions } from '../../../src/index.js'
import { profview, temporaryDir } from '../../support/app.js'
import { type Answer, type Asked, startScript, type Wait } from '../truth.js'

/** Of app.mjs. */
export interface StallingSettings {
  /** Null: the app knows nothing of profview. */
  readonly options?: ProfilerOptions | null
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
  /** Its loop never sleeps for long. */
  readonly isTicking?: boolean
}

/** µs of the clock that all processes share. */
export interface Stretch {
  /** The function at fault. */
  readonly name: string
  readonly title: string
  readonly start: number
  readonly end: number
  /** Of the thread, meanwhile; and for how long the machine ran others. */
  readonly cpu: number
  readonly delay: number
  /** For how long threads of the process could have run meanwhile and did not, all together. */
  readonly starved: number
}

export interface StallLog {
  readonly stretches: readonly Stretch[]
  readonly requests: readonly Seen[]
  readonly checks: readonly { readonly at: number; readonly cpu: number; readonly delay: number }[]
  readonly collections: readonly { readonly start: number; readonly micros: number }[]
  readonly warnings: readonly string[]
  /** What the epoch's clock shows more. */
  readonly epoch: number
  readonly isTicking: boolean
}

export interface Seen {
  readonly title: string
  readonly seen: number
  readonly ended: number
  readonly waits: readonly Wait[]
}

/** What a client asked for, and the app's own record of it. */
export interface Asking extends Asked {
  readonly answer: Answer
}

export interface Stalling {
  readonly dir: string
  readonly port: number
  readonly pid: number
  readonly asked: Asking[]
  /** All answers are there; the loop is free again for a while. */
  ask(...asked: Asked[]): Promise<void>
  log(): Promise<StallLog>
}

/** One of each kind. */
export const KINDS = [
  '/sync?ms=150',
  '/afterAwait?ms=300',
  '/timer?ms=200',
  '/nested?ms=300',
  '/json',
  '/shell?ms=250',
  '/gc?ms=400',
  '/background?ms=200',
  '/microtasks?ms=250',
  '/ticks?ms=200',
  '/immediates?ms=250',
  '/files?ms=250',
  '/timers?ms=250',
]

const PAUSE_MS = 120
/** What a slow writer leaves out is not asked. */
const MANY = { concurrent: 100, perMinute: 1_000 }

export async function startStalling(settings: StallingSettings): Promise<Stalling> {
  const dir = join(temporaryDir(), 'profiles')
  mkdirSync(dir, { mode: 0o700 })
  const { options = {}, env = {}, flags = [], isTicking = true } = settings
  const given = JSON.stringify({
    options: options && { dir, limits: MANY, ...options },
    isTicking,
    // Nobody tells a plain server's routes.
    titled: options !== null,
  })
  const app = startScript('stalling/app.mjs', given, { PROFVIEW_DIR: dir, ...env }, flags)
  const { port, pid } = JSON.parse(await app.line())
  const client = startScript('client.mjs', String(port))
  const asked: Asking[] = []
  async function send(some: readonly Asked[]): Promise<Answer[]> {
    client.stdin.write(`${JSON.stringify(some)}\n`)
    return JSON.parse(await client.line())
  }
  return {
    dir,
    port,
    pid,
    asked,
    async ask(...some) {
      const answers = await send(some)
      some.forEach((each, i) => {
        asked.push({ ...each, answer: answers[i]! })
      })
      await sleep(PAUSE_MS)
    },
    async log() {
      return JSON.parse((await send([{ path: '/log' }]))[0]!.body)
    },
  }
}

/** So many requests a second from another process, each with a title of its own. */
export function load(ms: number, perSecond = 50): Asked[] {
  const every = 1000 / perSecond
  return Array.from({ length: Math.floor(ms / every) }, (_, i) => ({
    path: i % 3 === 2 ? `/sleeper/${i}` : `/quick/${i}`,
    at: i * every,
  }))
}

/** When at least so many are there; all that there are. */
export async function stallsOf({ dir }: Stalling, atLeast: number): Promise<Profile[]> {
  // Where they do not come, the judge says which.
  for (let waited = 0; ; waited += 700) {
    await sleep(700)
    const stalls = await readAll(dir)
    // What was written while it lasted is written again.
    const isAll =
      stalls.length >= atLeast && stalls.every(({ sources }) => sources[0]!.stall!.ended)
    if (isAll || waited > 11_000) return stalls
  }
}

// --- internal ---

async function readAll(dir: string): Promise<Profile[]> {
  const files = readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'))
  const read = (name: string) => profview.readProfile(join(dir, name))
  const profiles = await Promise.all(files.sort().map(read))
  return profiles.filter(({ sources }) => sources[0]!.kind === 'stall')
}
