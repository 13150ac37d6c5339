/** A thread's stacks take so much memory and no more, however many different ones there are. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { CUT, GC, IDLE } from '../../src/profile/frames.js'
import type { NativeFrame } from '../../src/sampler/native-samples.js'
import { SampleTaker } from '../../src/sampler/sample-taker.js'
import { StackTable } from '../../src/sampler/stack-table.js'
import { StackTables } from '../../src/sampler/stack-tables.js'
import { CODE, COLLECTING, IDLING, PROFILING } from '../../src/sampler/window.js'
import { ROOT } from '../support/app.js'
import { namesOf, SetClock } from '../support/sampler-parts.js'

const MOST = { stacks: 200, functions: 30 }
/** At the root there is room for a cut of each kind. */
const KINDS = 4

function newTable(limits = MOST): StackTable {
  return new StackTable('/profview/', undefined, limits)
}

/** The same numbers each time. */
function randomUpTo(): (end: number) => number {
  let state = 1
  return (end) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
}

/** A sample of functions `f0` to `f…`, leaf first. */
function stackOf(names: readonly string[]): NativeFrame[] {
  return names
    .map((name) => ({ name, file: '/app.js', line: Number(name.slice(1)) + 2, column: 1 }))
    .reverse()
}

test('of random recursion each stack is known as far down as there is room for it', () => {
  const table = newTable()
  const upTo = randomUpTo()
  let cut = 0
  for (let i = 0; i < 2000; i++) {
    const names = Array.from({ length: 1 + upTo(20) }, () => `f${upTo(9)}`)
    const stack = table.sampled(stackOf(names))
    table.endWindow()
    const known = namesOf(table, stack).split(' › ')
    if (known.at(-1) === CUT) {
      cut++
      known.pop()
    } else expect(known).toHaveLength(names.length)
    expect(names.slice(0, known.length)).toEqual(known)
    expect(table.kind[stack]).toBe(CODE)
  }
  expect(cut).toBeGreaterThan(0)
  expect(table.size).toBeLessThanOrEqual(MOST.stacks + KINDS)
  expect(table.delta().parent).toHaveLength(table.size)
  // What was known before is still told apart.
  expect(namesOf(table, table.sampled(stackOf([namesOf(table, 1)])))).toBe(namesOf(table, 1))
})

test('what a sample is of is known of a full table, too', () => {
  const table = newTable({ stacks: 8, functions: 30 })
  for (let i = 0; i < 20; i++) table.sampled(stackOf([`f${i}`, 'f1', 'f2']))
  const bare = (name: string) => [{ name, file: '', line: 0, column: 0 }]
  const own = [{ name: 'ours', file: '/profview/a.js', line: 1, column: 1 }, ...stackOf(['f77'])]
  const kinds = [bare(GC), bare(IDLE), own].map((frames) => table.kind[table.sampled(frames)])
  expect(kinds).toEqual([COLLECTING, IDLING, PROFILING])
  expect(table.size).toBeLessThanOrEqual(8 + KINDS)
})

test('functions that are new each time are cut as well, and what they call', () => {
  const table = newTable()
  for (let i = 0; i < 100; i++) {
    const stack = table.sampled(stackOf(['f0', `f${i}`, 'f1']))
    table.endWindow()
    if (i > MOST.functions) expect(namesOf(table, stack)).toBe(`f0 › ${CUT}`)
  }
  expect(table.frames.length).toBeLessThanOrEqual(MOST.functions + 1)
  const root = table.sampled(stackOf(['f99', 'f1']))
  expect(namesOf(table, root)).toBe(CUT)
})

test('names as long as they like take no more than so many characters', () => {
  const table = newTable({ stacks: 2000, functions: 1000 })
  const long = 'x'.repeat(1_000_000)
  for (let i = 0; i < 100; i++) table.intern(`${long}${i}`, '/a.js', 1, i + 1, true)
  const kept = table.frames.reduce((sum, { name }) => sum + name.length, 0)
  expect(kept).toBeLessThan(10 * long.length)
  expect(table.isFilled).toBe(true)
})

test('the next table has what is waited below the one before, and not what was before that', () => {
  const first = newTable()
  const chain = first.of(first.path(first.sampled(stackOf(['f1', 'f2', 'f3']))))
  const second = first.next()
  second.sampled(stackOf(['f9']))
  expect(namesOf(second, second.moved(chain, first))).toBe('f1 › f2 › f3')
  expect(second.moved(0, first)).toBe(0)
  expect([second.generation, second.size]).toEqual([1, 5])
  first.forget()
  expect(namesOf(second, second.moved(chain, first))).toBe(CUT)
})

test('a table is followed by another where it is filled, and not more than once a minute', () => {
  const clock = new SetClock()
  const tables = new StackTables(newTable())
  const fill = () => {
    for (let i = 0; i < 300; i++) tables.current.sampled(stackOf(['f1', `f${i % 9}`, `f${i % 20}`]))
  }
  clock.at = 100_000
  expect(tables.isOver).toBe(false)
  fill()
  expect(tables.isOver).toBe(true)
  tables.renew()
  fill()
  clock.at = 159_000
  expect(tables.isOver).toBe(false)
  clock.at = 161_000
  expect(tables.isOver).toBe(true)
})

test('samples that cost much are taken soon, and are left out where nobody can keep up', () => {
  let ran = 0
  let pending = 0
  const costMs = { ofOne: 0.001 }
  const took = () => {
    ran += 1 + costMs.ofOne * pending
    pending = 0
  }
  const native = {
    intervalMicros: 1000,
    profiler: { pending: () => pending },
    rotate: () => void took() as never,
    discard: took,
  }
  const taker = new SampleTaker(native, { read: () => ran })
  const take = (samples: number) => {
    pending = samples
    return taker.take(true)
  }
  take(250)
  expect(taker.longestMs).toBeGreaterThan(1000)
  costMs.ofOne = 0.1
  take(250)
  // One time alone tells nothing.
  expect(taker.longestMs).toBeGreaterThan(1000)
  take(250)
  expect(taker.longestMs).toBeCloseTo(80)
  pending = 100
  taker.leaveOut(0)
  expect(pending).toBe(100)
  pending = 200
  ran += 7
  taker.leaveOut(0)
  expect(pending).toBe(0)
  // It took 21 ms to leave them out.
  ran += 21
  const { windowCpu, cpuLeftOut } = take(10)
  expect(cpuLeftOut).toBeCloseTo(26 + 7)
  expect(windowCpu).toBeCloseTo(26 + 7 + 21 + 21)
})

test('a million stacks fit into a small heap', () => {
  const program = `
    const { StackTable } = await import('${ROOT}/dist/sampler/stack-table.js')
    const { WindowStacks } = await import('${ROOT}/dist/assembler/window-stacks.js')
    let table = new StackTable('/profview/')
    let copy = new WindowStacks(0)
    let before = null
    let at = 1
    const next = (end) => (at = (Math.imul(at, 1103515245) + 12345) >>> 0) % end
    for (let i = 0; i < 30_000; i++) {
      table.sampled(Array.from({ length: 60 }, () => {
        const f = next(2 ** 31) >> 8
        return { name: 'f' + f % 60, file: '/app.js', line: f % 60 + 1, column: 1 }
      }))
      if (i % 250 > 0) continue
      table.endWindow()
      copy.learn(table.delta())
      if (i % 10_000 > 0) continue
      before?.forget()
      before = table
      table = table.next()
      copy = new WindowStacks(0)
    }
    console.log('done')`
  const flags = ['--max-old-space-size=40', '--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8', env: {} })
  expect(stderr).toBe('')
  expect(stdout).toBe('done\n')
})
