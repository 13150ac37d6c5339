/** How often something was waited for, as the one who waited counts it. */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { buildCallTree, framesOf } from '../../src/profile/calltree.js'
import { waitsByStack } from '../../src/profile/wait-counts.js'
import { record } from '../support/recorded.js'

async function one(): Promise<void> {
  await sleep(12)
}

async function several(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await sleep(13)
}

async function together(): Promise<void> {
  await Promise.all([sleep(14), sleep(14), sleep(14)])
}

async function read(): Promise<void> {
  await readFile(fileURLToPath(import.meta.url))
}

test('each wait is counted once, and the longest is one of them', async () => {
  const profile = await record(async () => {
    await one()
    await several(5)
    await together()
    await read()
  })
  const waits = [...waitsByStack(profile)].map(([stack, sum]) => ({
    ...sum,
    stack,
    names: framesOf(profile, stack).map(({ name }) => name),
  }))
  const countIn = (name: string) =>
    waits.filter(({ names }) => names.includes(name)).reduce((all, { count }) => all + count, 0)
  expect([countIn('one'), countIn('several'), countIn('together')]).toEqual([1, 5, 3])
  expect(countIn('read')).toBeGreaterThan(0)
  const { self } = buildCallTree(profile)
  const isAlone = (at: number) =>
    waits.some(({ stack, names }) => stack === at && /one|several/.test(names.join()))
  for (const { stack, count, totalMicros, longestMicros } of waits) {
    expect(longestMicros).toBeLessThanOrEqual(totalMicros)
    expect(totalMicros).toBeLessThanOrEqual(count * longestMicros)
    if (isAlone(stack)) expect(totalMicros).toBeLessThanOrEqual(self[stack]!)
  }
  const sumIn = (name: string) =>
    waits
      .filter(({ names }) => names.includes(name))
      .reduce((all, { totalMicros }) => all + totalMicros, 0)
  expect(sumIn('together')).toBeGreaterThan(3 * 13_000)
  const [most] = waits.filter(({ names }) => names.includes('several'))
  expect(most!.totalMicros).toBeGreaterThan(5 * 12_000)
})

/** The waits by name, added up over where they are; ms. */
async function told(work: () => Promise<unknown>) {
  const recorded = await record(work)
  const byName = new Map<string, { count: number; longest: number }>()
  for (const [stack, { count, longestMicros }] of waitsByStack(recorded)) {
    const { name } = recorded.frames[recorded.stacks.frame[stack]!]!
    const before = byName.get(name) ?? { count: 0, longest: 0 }
    byName.set(name, {
      count: before.count + count,
      longest: Math.max(before.longest, longestMicros / 1000),
    })
  }
  return byName
}

/** Ms: each half of an answer. */
const HALF = 15
/** Ms: what two clocks may differ by. */
const READING = 0.5

test.each([1, 5])('an answer in pieces is one wait, %s at once', async (atOnce) => {
  const took: number[] = []
  const server = createServer((_request, response) => {
    const start = performance.now()
    setTimeout(() => response.write('some'), HALF)
    setTimeout(() => response.end('more', () => took.push(performance.now() - start)), 2 * HALF)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const clocked: number[] = []
  async function ask() {
    const start = performance.now()
    const answer = await fetch(`http://${host}/secret`)
    await answer.text()
    clocked.push(performance.now() - start)
  }
  await ask()
  const before = clocked.splice(0).length
  const waits = await told(async () => {
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: atOnce }, ask))
  })
  server.close()
  server.closeAllConnections()
  const { count, longest } = waits.get(`[await] fetch GET ${host}`)!
  // Of several at once, one may be waited for at two places, in turn.
  expect(count).toBeGreaterThanOrEqual(3 * atOnce)
  expect(count).toBeLessThan(atOnce === 1 ? 4 : 6 * atOnce)
  expect(longest).toBeLessThan(Math.max(...clocked) + READING)
  expect(longest).toBeGreaterThan(HALF)
  expect(took.length).toBe(3 * atOnce + before)
})

test('a file that is read in pieces is one wait', async () => {
  const path = fileURLToPath(import.meta.url)
  const waits = await told(
    () =>
      new Promise((done) => {
        createReadStream(path, { highWaterMark: 100 })
          .on('data', () => {})
          .on('close', () => done(null))
      }),
  )
  expect(waits.get('[await] createReadStream')!.count).toBeLessThanOrEqual(2)
})
