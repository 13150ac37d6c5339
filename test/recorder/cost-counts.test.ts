/**
 * What profview makes an app do, counted and not timed: a busy machine changes none of it. How long
 * it takes is for `npm run bench`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { ROOT, temporaryDir } from '../support/app.js'

interface Counts {
  /** Stacks that were captured, and calls of hooks of ours, by anybody. */
  readonly captures: number
  readonly hooks: number
  /** What a request, or the end of its response, made at once; other people's too. */
  readonly timers: number
  readonly listeners: number
  readonly messages: number
  /** Followed requests whose dump was written, and files that are there. */
  readonly dumps: number
  readonly files: number
}

const REQUESTS = 300
const FOLLOWED = { 'x-profile': '1' }
/** Where samples carry their labels by themselves; elsewhere hooks do, one for each callback. */
const CARRIES_LABELS = Number.parseInt(process.versions.node, 10) >= 24
/** Of V8 those of promises: two are made, two settled, and one goes on. */
const HOOKS_AN_AWAIT = CARRIES_LABELS ? 8 : 15
/** Of both ends of a connection: the client is in the same process. */
const MOST_CALLBACKS = 120

test.each<[string, ProfilerOptions]>([
  ['mounted and unused', { arm: 'trigger' }],
  ['armed', {}],
  ['off the chosen share', { mode: 1e-9 }],
  ['switched off', { mode: 'off' }],
])('%s, a request does what it does without profview', async (_what, options) => {
  expect(await countsOf(options, '/', REQUESTS)).toEqual(await countsOf(null, '/', REQUESTS))
})

test('a request that `slow` does not keep leaves nothing', async () => {
  const { hooks, ...counts } = await countsOf({ slow: 600_000 }, '/', REQUESTS)
  const { hooks: none, ...others } = await countsOf(null, '/', REQUESTS)
  expect(counts).toEqual(others)
  if (CARRIES_LABELS) expect(hooks).toBe(none)
  else expect(hooks).toBeLessThan(REQUESTS * MOST_CALLBACKS)
})

test('a followed request pays for its awaits, and nobody does after it', async () => {
  const ask = await startApp({})
  await ask('/awaits/100', 3, FOLLOWED)
  const hundred = await ask('/awaits/100', 10, FOLLOWED)
  expect(hundred).toMatchObject({ dumps: 10, files: 13, timers: 0 })
  // Capturing a stack is what costs: most awaits do without.
  expect(hundred.captures).toBeLessThanOrEqual(10 * 60)
  expect(hundred.hooks).toBeLessThanOrEqual(10 * 100 * HOOKS_AN_AWAIT)
  expect(hundred.listeners).toBeLessThanOrEqual(10 * 6)
  const many = await ask('/awaits/10000', 2, FOLLOWED)
  expect(many.captures).toBeLessThan((2 * 10_000) / 20)
  expect(many.hooks).toBeLessThanOrEqual(2 * 10_000 * HOOKS_AN_AWAIT)
  // The next may still be a neighbour of the last one.
  await ask('/', 20)
  const after = await ask('/', REQUESTS)
  expect(after).toEqual({ ...(await countsOf(null, '/', REQUESTS)), files: after.files })
})

// --- internal ---

type Ask = (path: string, count: number, headers?: Record<string, string>) => Promise<Counts>

async function countsOf(options: ProfilerOptions | null, path: string, count: number) {
  const ask = await startApp(options)
  // What the first requests load and compile is not what each costs.
  await ask(path, 20)
  return ask(path, count)
}

async function startApp(options: ProfilerOptions | null): Promise<Ask> {
  const argument = JSON.stringify(options && { dir: temporaryDir(), ...options })
  const { NODE_ENV: _, ...env } = process.env
  const child = fork('test/support/counting-app.mjs', [argument], {
    cwd: ROOT,
    env,
    execArgv: [],
    silent: true,
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the app ended with ${code}`)
  })
  ended.catch(() => {})
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0]
  await answer()
  return (path, count, headers) => {
    child.send({ path, count, headers })
    return answer()
  }
}
