/** How often something was waited for, as the one who waited counts it. */
import { readFile } from 'node:fs/promises'
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
