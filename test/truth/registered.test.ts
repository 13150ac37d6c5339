/**
 * Apps that know nothing of profview, with `profview/register` before them: each request has its
 * own CPU time and nobody else's, in every worker of a cluster and in every thread.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { profview, ROOT, temporaryDir } from '../support/app.js'
import { ofOwnTime } from './judge.js'
import type { Burst, Clocked } from './truth.js'

/** As registered-app.mjs answers. */
interface Answer {
  readonly clocked: Clocked
  readonly worker: string
  readonly bursts: Burst[]
  readonly profile: string
}

test.each([
  ['cluster', 'trigger', ['--import', 'profview/register'], 4],
  ['cluster', 'all', ['--require', 'profview/register'], 4],
  ['threads', 'trigger', ['--import', 'profview/register'], 2],
  ['threads', 'all', ['--import', 'profview/register'], 2],
])('%s, mode %s: each has its own time', async (kind, mode, flags, workers) => {
  const dir = temporaryDir()
  const ports = await start(kind, flags, { PROFVIEW_DIR: dir, PROFVIEW: mode })
  await askAll(ports, 'warm', '')
  const answers = await askAll(ports, 'own', mode === 'trigger' ? '&profile=1' : '')
  const seen = new Set(answers.map(({ worker }) => worker))
  expect(seen.size).toBe(workers)
  const wrong = await Promise.all(answers.map((answer) => untruths(dir, answer, answers)))
  expect(wrong.flat()).toEqual([])
})

// --- internal ---

async function untruths(dir: string, answer: Answer, all: readonly Answer[]): Promise<string[]> {
  const { clocked, worker, profile } = answer
  const file = await vi.waitFor(() => fileOf(dir, profile), { timeout: 30_000, interval: 100 })
  const ofWorker = all.filter((each) => each.worker === worker)
  const log = { bursts: ofWorker.flatMap(({ bursts }) => bursts), checks: [] } as never
  const recorded = { profile: await profview.readProfile(file), clocked, log }
  return ofOwnTime(recorded).map((text) => `${clocked.id}: ${text}`)
}

function fileOf(dir: string, id: string): string {
  const files = readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'))
  const found = files.map((name) => join(dir, name)).find((file) => headOf(file).includes(id))
  if (id === '' || found === undefined) throw new Error(`no dump ${id}`)
  return found
}

const heads = new Map<string, string>()

/** With the id: `$profview` stands first. */
function headOf(file: string): string {
  const head = heads.get(file) ?? readFileSync(file, 'utf8').slice(0, 500)
  heads.set(file, head)
  return head
}

/** Twenty-four at once, each on a connection of its own, every other one with a body. */
function askAll(ports: readonly number[], name: string, query: string): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: 24 }, (_, i) =>
      ask(ports[i % ports.length]!, `/work?id=${name}_${i}${query}`, i % 4 < 2 ? 'body' : ''),
    ),
  )
}

async function ask(port: number, path: string, body: string): Promise<Answer> {
  const method = body === '' ? 'GET' : 'POST'
  const asked = request({ port, host: '127.0.0.1', path, method, agent: false }).end(body)
  const [answer] = await once(asked, 'response')
  let text = ''
  for await (const chunk of answer) text += chunk
  return { ...JSON.parse(text), profile: answer.headers['x-profile-id'] ?? '' }
}

async function start(kind: string, flags: readonly string[], env: Record<string, string>) {
  const app = join(import.meta.dirname, 'registered-app.mjs')
  const mine = Object.entries(process.env).filter(
    ([name]) => !/^(PROFVIEW|NODE_|VITEST)/.test(name),
  )
  const child = spawn(process.execPath, [...flags, app, kind], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...Object.fromEntries(mine), ...env },
  })
  onTestFinished(async () => {
    const ended = child.exitCode !== null || once(child, 'exit')
    child.stdin.end()
    await ended
  })
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next()
  return JSON.parse(value).ports as number[]
}
