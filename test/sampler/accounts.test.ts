/**
 * The accounts of a recording against the workload's own clock, and the tree of the case that
 * breaks others.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { asBystander, ledgerOf, msWhere, outline, record } from '../support/recorded.js'
import { burn, sleep } from '../support/waits.mjs'

beforeAll(async () => void (await record(() => sleep(5))))

describe('a bystander that hogs the loop', () => {
  test.each([50, 100, 200])('for %i ms is blocked time, under its own name', async (ms) => {
    let hogged = 0
    function hog() {
      hogged = burn(ms)
    }
    const recorded = await record(async () => {
      asBystander('GET /report', () => setTimeout(hog, 5))
      await sleep(10 + ms)
    })
    const culprit = (names: string[]) =>
      names.some((name, i) => name === '[blocked]' && names[i + 1] === 'GET /report')
    const blamed = msWhere(recorded, culprit)
    expect(Math.abs(blamed - hogged)).toBeLessThan(Math.max(2, 0.03 * hogged))
    const hogging = (names: string[]) => culprit(names) && names.includes('hog')
    expect(msWhere(recorded, hogging)).toBeGreaterThan(0)
    expect(
      msWhere(recorded, (names) => culprit(names) && names.includes('burn') && !hogging(names)),
    ).toBe(0)
    expect(
      msWhere(recorded, (names) => !names.includes('[blocked]') && names.includes('hog')),
    ).toBe(0)
  })
})

test('cpu is the time that the request’s code ran, by the clock', async () => {
  let clocked = 0
  const recorded = await record(async () => {
    for (let i = 0; i < 40; i++) {
      clocked += burn(5)
      await sleep(1)
    }
  })
  const { cpu, gc, unknown, await: waited } = ledgerOf(recorded)
  expect((cpu + gc) / 1000 / clocked).toBeGreaterThan(0.99)
  expect((cpu + gc) / 1000 / clocked).toBeLessThan(1.1)
  expect(unknown).toBe(0)
  expect(waited).toBeGreaterThan(30_000)
})

test('a request that hardly runs has a tree that makes sense without a single sample', async () => {
  async function query() {
    await sleep(40)
  }
  async function handler() {
    await query()
  }
  const recorded = await record(handler)
  expect(outline(recorded, ['handler', 'query'], 2)).toEqual([
    'handler',
    '  query',
    '    [await] timer 40 ms',
  ])
})

/** PyInstrument's hard case: a gather of two children, a bystander's task, an async generator. */
test('gather, bystander and generator: one logical tree', async () => {
  const own = ['handler', 'child', 'rows', 'render', 'work']
  function work() {
    burn(20)
  }
  function render() {
    burn(30)
  }
  async function child() {
    await sleep(50)
    work()
  }
  async function* rows() {
    await sleep(20)
    yield 1
  }
  async function handler() {
    await sleep(50)
    await Promise.all([child(), child()])
    for await (const _row of rows()) work()
    render()
  }
  let burned = 0
  let took = 0
  async function bystander() {
    const start = performance.now()
    for (let i = 0; i < 4; i++) {
      burned += burn(8)
      took = performance.now() - start
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const recorded = await record(() => {
    asBystander('GET /bystander', () => setTimeout(bystander, 1))
    return handler()
  })
  const blocked = msWhere(recorded, (names) =>
    names.some((name, i) => name === '[blocked]' && names[i + 1] === 'GET /bystander'),
  )
  expect(blocked).toBeGreaterThan(burned - 0.5)
  expect(blocked).toBeLessThan(took + 2)
  expect(outline(recorded, own, 4)).toEqual([
    'handler',
    '  [await] timer 50 ms',
    '  child',
    '    [await] timer 50 ms',
    '    work',
    '  rows',
    '    [await] timer 20 ms',
    '  work',
    '  render',
  ])
})

test('recursion keeps its depth before and after an await', async () => {
  async function walk(depth: number): Promise<void> {
    burn(4)
    if (depth > 1) await walk(depth - 1)
    else await sleep(100)
    burn(4)
  }
  const recorded = await record(() => walk(3))
  expect(outline(recorded, ['walk', 'burn'], 3)).toEqual([
    'walk',
    '  burn',
    '  walk',
    '    burn',
    '    walk',
    '      burn',
    '      [await] timer 100 ms',
  ])
})
