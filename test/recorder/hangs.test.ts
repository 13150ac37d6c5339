/** Loops that do not come back, in processes of their own: what is written while they do not. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { readProfileFile } from '../../src/store/profile-file.js'

const APP = new URL('../support/hanging-app.mjs', import.meta.url).pathname
const IN_WORKER = new URL('../support/hanging-worker.mjs', import.meta.url).pathname
const BUNDLE = new URL('../../dist/bundle/index.mjs', import.meta.url).href
/** A guard: each is ended before. */
const FOR_MS = 60_000

const running = new Set<Hanging>()
afterEach(async () => {
  for (const app of running) await app.end()
})

class Hanging {
  readonly dir = mkdtempSync(join(tmpdir(), 'profview-hang-'))
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown[]>
  #port = 0
  /** Of the app's own clock, ms. */
  hungFor: number | null = null
  hangsSince: number | null = null
  errors = ''

  constructor({
    forMs = FOR_MS,
    stall = 200 as number | false,
    flags = [] as string[],
    app = APP,
  } = {}) {
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      PROFVIEW_UNDER_TEST: BUNDLE,
      HANGING: JSON.stringify({ dir: this.dir, forMs, stall }),
    }
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const
    this.#child = spawn(process.execPath, [...flags, app], { env, stdio: [...stdio] })
    this.#exit = once(this.#child, 'exit')
    this.#child.stderr!.on('data', (text) => {
      this.errors += text
    })
    this.#child.on('message', (message: object) => Object.assign(this, message))
    running.add(this)
  }

  set port(port: number) {
    this.#port = port
  }

  async get(path: string): Promise<string> {
    await expect.poll(() => this.#port).not.toBe(0)
    return (await fetch(`http://127.0.0.1:${this.#port}${path}`)).text()
  }

  files(): string[] {
    return readdirSync(this.dir).filter((name) => name.endsWith('.cpuprofile'))
  }

  dump(): Profile | null {
    const [name] = this.files()
    return name === undefined ? null : readProfileFile(join(this.dir, name))
  }

  stalls(): DumpMeta['stall'][] {
    return this.files().map((name) => readProfileFile(join(this.dir, name)).sources[0]!.stall)
  }

  stall(): DumpMeta['stall'] {
    return this.dump()?.sources[0]?.stall ?? null
  }

  /** What hangs goes on. */
  enough(): void {
    writeFileSync(join(this.dir, 'enough'), '')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Code and signal. */
  ended(): Promise<unknown[]> {
    return this.#exit
  }

  exit(): Promise<unknown[]> {
    this.#child.send('end')
    return this.#exit
  }

  async end(): Promise<void> {
    this.kill()
    await this.#exit
    running.delete(this)
    rmSync(this.dir, { recursive: true, force: true })
  }
}

const SAID = /ProfviewWarning: .*GET \/endless .*held .*endless .*hanging-app.mjs.*\.cpuprofile$/m

function namesIn(profile: Profile | null): string[] {
  return profile?.frames.map(({ name }) => name) ?? []
}

describe('a loop that does not come back', () => {
  test.each([
    ['endless', 'endless'],
    ['promises', 'promises'],
    ['backtracks', 'backtracks'],
  ])('is named while it does not, and goes on unharmed: %s', async (way, name) => {
    const app = new Hanging()
    const answer = app.get(`/${way}`)
    await expect.poll(() => namesIn(app.dump())).toContain(name)
    const early = app.dump()!
    expect(app.hungFor).toBe(null)
    expect(early.sources[0]!.stall).toMatchObject({ ended: false, delayedCount: 0 })
    expect(namesIn(early)).toContain(`GET /${way}`)
    const [file] = app.files()
    app.enough()
    expect(await answer).toBe('went on')
    await expect.poll(() => app.stall()?.ended).toBe(true)
    expect(app.files()).toEqual([file])
    const whole = app.dump()!.sources[0]!
    expect(whole.id).toBe(early.sources[0]!.id)
    expect(whole.durationMicros / 1000).toBeGreaterThan(app.hungFor! - 5)
    expect(whole.durationMicros / 1000).toBeLessThan(app.hungFor! * 1.05 + 200)
    expect(await app.exit()).toEqual([0, null])
    expect(app.errors).not.toContain('Debugger')
  })

  test('in native code it is known since when, and told of whole when it is over', async () => {
    const app = new Hanging()
    const answer = app.get('/runs')
    await expect.poll(() => app.stall()).toMatchObject({ ended: false, cause: 'native' })
    const early = app.dump()!
    const { durationMicros, startedAt, ledger, warnings, id } = early.sources[0]!
    expect(app.hungFor).toBe(null)
    expect(Date.parse(startedAt)).toBeGreaterThan(app.hangsSince! - 20)
    expect(Date.parse(startedAt)).toBeLessThan(app.hangsSince! + 500)
    expect(ledger.unknown).toBe(durationMicros)
    expect(warnings.map(({ code }) => code)).toEqual(['not-asked'])
    app.enough()
    expect(await answer).toBe('went on')
    await expect.poll(() => app.stall()?.ended).toBe(true)
    expect(app.files().length).toBe(1)
    expect(app.dump()!.sources[0]!.id).toBe(id)
    expect(namesIn(app.dump())).toContain('execSync')
    expect(await app.exit()).toEqual([0, null])
  })

  test('`Atomics.wait` is told of while it waits', async () => {
    const app = new Hanging({ forMs: 5000 })
    const answer = app.get('/waits')
    await expect.poll(() => app.stall()?.ended).toBe(false)
    expect(app.hungFor).toBe(null)
    expect(await answer).toBe('went on')
    await expect.poll(() => app.stall()?.ended).toBe(true)
    expect(namesIn(app.dump())).toContain('waits')
    expect(await app.exit()).toEqual([0, null])
  })

  test.each([
    ['endless', 1800],
    ['runs', 3000],
  ])('one right after the other, each has one dump: %s', async (way, forMs) => {
    const app = new Hanging({ forMs })
    for (let i = 0; i < 3; i++) await app.get(`/${way}`)
    await expect.poll(() => app.files().length).toBeGreaterThanOrEqual(3)
    const ended = () => app.stalls().map((stall) => stall!.ended)
    await expect.poll(ended).not.toContain(false)
    expect(ended()).toEqual([true, true, true])
    expect(await app.exit()).toEqual([0, null])
  })
})

describe('a worker thread that does not come back', () => {
  test('is named through the main one while it does not, and goes on unharmed', async () => {
    const app = new Hanging({ app: IN_WORKER })
    const answer = app.get('/endless')
    await expect.poll(() => namesIn(app.dump())).toContain('endless')
    const early = app.dump()!.sources[0]!
    expect(app.hungFor).toBe(null)
    expect(early.stall!.ended).toBe(false)
    expect(early.process.threadId).toBe(1)
    app.enough()
    expect(await answer).toBe('went on')
    await expect.poll(() => app.stall()?.ended).toBe(true)
    expect(app.dump()!.sources[0]!.id).toBe(early.id)
    expect(await app.exit()).toEqual([0, null])
    expect(app.errors).not.toContain('ebugger')
  })

  test('in native code it is known since when', async () => {
    const app = new Hanging({ app: IN_WORKER })
    const answer = app.get('/runs')
    await expect.poll(() => app.stall()).toMatchObject({ ended: false, cause: 'native' })
    expect(app.hungFor).toBe(null)
    app.enough()
    expect(await answer).toBe('went on')
    await expect.poll(() => app.stall()?.ended).toBe(true)
    expect(namesIn(app.dump())).toContain('execSync')
    expect(await app.exit()).toEqual([0, null])
    expect(app.errors).not.toContain('ebugger')
  })
})

test('what kills the process right after leaves the dump, and a line on stderr', async () => {
  const app = new Hanging()
  const answer = app.get('/endless').catch(() => 'killed')
  await expect.poll(() => namesIn(app.dump())).toContain('endless')
  await expect.poll(() => app.errors).toMatch(SAID)
  app.kill()
  expect(await answer).toBe('killed')
  expect(await app.ended()).toEqual([null, 'SIGKILL'])
  expect(app.errors).toMatch(SAID)
  expect(app.stall()?.ended).toBe(false)
})

describe('nothing is written while it hangs', () => {
  test.each([
    ['the main thread', APP],
    ['a worker', IN_WORKER],
  ])('where a debugger may be attached: %s', async (_, script) => {
    const app = new Hanging({ forMs: 3000, flags: ['--inspect=0'], app: script })
    const answer = app.get('/endless')
    let early = 0
    const looking = setInterval(() => {
      early += app.files().length
    }, 100)
    expect(await answer).toBe('went on')
    clearInterval(looking)
    expect(early).toBe(0)
    await expect.poll(() => app.stall()?.ended).toBe(true)
  })

  test('without `stall`', async () => {
    const app = new Hanging({ forMs: 3000, stall: false })
    expect(await app.get('/endless')).toBe('went on')
    expect(app.files()).toEqual([])
  })
})
