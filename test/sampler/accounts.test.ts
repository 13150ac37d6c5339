/**
 * The accounts of a recording against the workload's own clock, and the tree of the case that
 * breaks others.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { asBystander, isWaiting, ledgerOf, msWhere, outline, record } from '../support/recorded.js'
import { burn, sleep } from '../support/waits.mjs'

/** What the clocks of a recording and of its code may differ by, ms: their own reading. */
const READING = 0.5

beforeAll(async () => void (await record(() => sleep(5))))

describe('a bystander that hogs the loop', () => {
  test.each([50, 100, 200])('for %i ms is blocked time, under its own name', async (ms) => {
    // The machine may take the thread between two lines: what is measured lies between bounds.
    const due = { earliest: 0, latest: 0 }
    let began = 0
    let ended = 0
    let resumed = 0
    function hog() {
      began = performance.now()
      burn(ms)
      ended = performance.now()
    }
    const recorded = await record(async () => {
      asBystander('GET /report', () => setTimeout(hog, 5))
      due.earliest = performance.now() + 20
      const slept = sleep(20)
      due.latest = performance.now() + 20
      await slept
      resumed = performance.now()
    })
    const hogged = { least: ended - Math.max(began, due.latest), most: resumed - due.earliest }
    const culprit = (names: string[]) =>
      names.some((name, i) => name === '[blocked]' && names[i + 1] === 'GET /report')
    const blamed = msWhere(recorded, culprit)
    const tolerance = Math.max(2, 0.03 * hogged.least)
    expect(blamed).toBeGreaterThan(hogged.least - tolerance)
    expect(blamed).toBeLessThan(hogged.most + tolerance)
    const hogging = (names: string[]) => culprit(names) && names.includes('hog')
    // A busy machine may keep us from sampling for some ms, which then go to the sample beside.
    expect(msWhere(recorded, hogging)).toBeGreaterThan(blamed - 40)
    expect(
      msWhere(recorded, (names) => culprit(names) && names.includes('burn') && !hogging(names)),
    ).toBe(0)
    expect(
      msWhere(recorded, (names) => !names.includes('[blocked]') && names.includes('hog')),
    ).toBe(0)
  })
})

test('cpu, gc and offcpu are the time in the request’s code, by the clock', async () => {
  let clocked = 0
  const recorded = await record(async () => {
    for (let i = 0; i < 40; i++) {
      clocked += burn(5)
      await sleep(1)
    }
  })
  const { cpu, gc, offcpu, unknown, await: waited } = ledgerOf(recorded)
  expect((cpu + gc + offcpu) / 1000).toBeGreaterThan(clocked - READING)
  expect(unknown).toBe(0)
  // Nor is any of it more than that: each pause is awaited.
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
  const ran = { child: 0, handler: 0 }
  function work() {
    return burn(20)
  }
  function render() {
    return burn(30)
  }
  async function child() {
    await sleep(50)
    ran.child += work()
  }
  async function* rows() {
    await sleep(20)
    yield 1
  }
  async function handler() {
    const start = performance.now()
    await sleep(50)
    late = performance.now() - start - 50
    await Promise.all([child(), child()])
    for await (const _row of rows()) ran.handler += work()
    ran.handler += render()
  }
  let late = 0
  async function bystander() {
    for (let i = 0; i < 4; i++) {
      burn(8)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const recorded = await record(() => {
    asBystander('GET /bystander', () => setTimeout(bystander, 1))
    return handler()
  })
  // Without a name it is no wait, but the way to the next callback of the same turn.
  const named = outline(recorded, ['handler', 'child', 'rows'], 4).filter(
    (line) => line.trim() !== '[await]',
  )
  expect(named).toEqual([
    'handler',
    '  [await] timer 50 ms',
    '  child',
    '    [await] timer 50 ms',
    '  rows',
    '    [await] timer 20 ms',
  ])
  const running = (accepts: (names: string[]) => boolean) =>
    msWhere(recorded, (names) => !isWaiting(names) && accepts(names))
  const isBelow = (names: string[]) => names.includes('child') || names.includes('rows')
  expect(running((names) => names.includes('child'))).toBeGreaterThan(ran.child - READING)
  expect(running((names) => names.includes('handler') && !isBelow(names))).toBeGreaterThan(
    ran.handler - READING,
  )
  expect(running((names) => names.includes('render') && isBelow(names))).toBe(0)
  expect(running((names) => names.includes('work') && names.includes('rows'))).toBe(0)
  const blocked = msWhere(recorded, (names) =>
    names.some((name, i) => name === '[blocked]' && names[i + 1] === 'GET /bystander'),
  )
  // It ran while a timer was waited for, which came on time unless the machine was busy.
  expect(blocked).toBeLessThan(late + 2)
})

test('recursion keeps its depth before and after an await', async () => {
  let waited = 0
  let before = 0
  /** By depth. */
  const after = [0, 0, 0, 0]
  async function walk(depth: number): Promise<void> {
    before += burn(4)
    const start = performance.now()
    if (depth < 3) await walk(depth + 1)
    else {
      await sleep(100)
      waited = performance.now() - start
    }
    after[depth] = burn(4)
  }
  const recorded = await record(() => walk(1))
  const depthOf = (names: string[]) => names.filter((name) => name === 'walk').length
  const runningAt = (depth: number) =>
    msWhere(recorded, (names) => !isWaiting(names) && depthOf(names) === depth)
  // Each is resumed by itself; only samples tell who ran before.
  for (const depth of [1, 2, 3]) expect(runningAt(depth)).toBeGreaterThan(after[depth]! - READING)
  const ran = before + after.reduce((sum, each) => sum + each)
  const running = [1, 2, 3].reduce((sum, depth) => sum + runningAt(depth), 0)
  expect(running).toBeGreaterThan(ran - READING)
  expect(msWhere(recorded, (names) => depthOf(names) > 3)).toBe(0)
  const between = recorded.sources[0]!.durationMicros / 1000 - ran - waited
  const isElsewhere = (names: string[]) => isWaiting(names) && depthOf(names) < 3
  expect(msWhere(recorded, isElsewhere)).toBeLessThan(between + READING)
})
