/** Threads of a trace: each moment of one counts once, and the command line names them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { profview } from '../support/cli.js'
import { formatTree } from '../support/trees.js'

const cwd = mkdtempSync(join(tmpdir(), 'profview-threads-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const frame = (functionName: string) => ({ functionName, url: 'a.js', lineNumber: 1 })
const NODES = [
  { id: 1, callFrame: { functionName: '(root)', url: '' } },
  { id: 2, parent: 1, callFrame: frame('main') },
  { id: 3, parent: 1, callFrame: { functionName: '(idle)', url: '' } },
  { id: 4, parent: 1, callFrame: frame('other') },
]
const named = (tid: number, name: string) => {
  return { name: 'thread_name', ph: 'M', pid: 7, tid, ts: 0, args: { name } }
}
/** A sample each 1,000 µs, from its start on. */
function recorded(id: string, tid: number, startTime: number, samples: number[], source = '') {
  const timeDeltas = samples.map((_, i) => (i === 0 ? 0 : 1000))
  const endTime = startTime + samples.length * 1000
  const head = { pid: 7, id, ph: 'P', ts: startTime }
  return [
    { ...head, name: 'Profile', tid, args: { data: { startTime, source } } },
    {
      ...head,
      name: 'ProfileChunk',
      tid: 99,
      args: { data: { cpuProfile: { nodes: NODES, samples }, timeDeltas, endTime } },
    },
  ]
}
const many = (count: number, node: number) => new Array<number>(count).fill(node)
const read = (events: readonly object[]) => {
  return decodeProfile(new TextEncoder().encode(JSON.stringify({ traceEvents: events })), 't.json')
}

test('what the browser and the inspector saw at the same time counts once', () => {
  const whole = recorded('0x1', 1, 10_000, many(10, 2), 'Internal')
  const within = recorded('0x2', 1, 13_000, many(4, 2), 'Inspector')
  for (const events of [
    [...whole, ...within],
    [...within, ...whole],
  ]) {
    expect(formatTree(read(events))).toEqual(['main 10000 10000'])
    expect(read(events)).toMatchObject({ timeline: true, startMicros: 10_000 })
  }
})

test('of one that goes on longer the rest counts', () => {
  const profile = read([
    ...recorded('0x1', 1, 10_000, many(10, 2)),
    ...recorded('0x2', 1, 18_500, many(4, 4)),
    ...recorded('0x3', 1, 8000, many(3, 4)),
  ])
  expect(formatTree(profile)).toEqual(['main 10000 10000', 'other 4500 4500'])
  expect(profile.warnings.join()).toContain('saw at the same time is left out')
})

test('one after the other, other threads, and what has no place in time all count', () => {
  const first = recorded('0x1', 1, 10_000, many(10, 2))
  expect(totalWeight(read([...first, ...recorded('0x2', 1, 20_000, many(10, 2))]))).toBe(20_000)
  expect(totalWeight(read([...first, ...recorded('0x2', 2, 10_000, many(10, 2))]))).toBe(20_000)
  const nowhere = recorded('0x2', 1, 10_000, many(10, 2)).slice(1)
  // As long as from 0 to its end.
  expect(totalWeight(read([...first, ...nowhere]))).toBe(30_000)
})

test('threads are named with what they did, and one can be chosen', () => {
  const events = [
    named(1, 'CrRendererMain'),
    named(2, 'DedicatedWorker'),
    ...recorded('0x1', 1, 10_000, [...many(10, 2), ...many(90, 3)]),
    ...recorded('0x2', 2, 10_000, [...many(30, 4), ...many(70, 3)]),
  ]
  writeFileSync(join(cwd, 'trace.json'), JSON.stringify({ traceEvents: events }))
  const shown = profview(['show', 'trace.json'], { cwd }).out.split('\n')
  const at = shown.findIndex((line) => line.startsWith('thread '))
  expect(shown.slice(at, at + 3)).toEqual([
    'thread              busy  share',
    'DedicatedWorker  30.0 ms   75 %',
    'CrRendererMain   10.0 ms   25 %',
  ])
  expect(profview(['show', 'trace.json', '--md'], { cwd }).out).toContain(
    '| DedicatedWorker | 30.0 ms | 75 % |',
  )
  const one = profview(['show', 'trace.json', '--worker', 'CrRendererMain'], { cwd })
  expect(one.out).toContain('trace.json  100 ms\n')
  expect(one.out).not.toMatch(/^thread /m)
  expect(profview(['show', 'trace.json', '--worker', 'x'], { cwd }).err).toContain(
    'there are: CrRendererMain, DedicatedWorker',
  )
  // Its profiles are still told apart in speedscope's format.
  profview(['convert', 'trace.json', '-o', 'x.speedscope.json'], { cwd })
  expect(
    profview(['show', 'x.speedscope.json', '--worker', 'DedicatedWorker'], { cwd }).out,
  ).toMatch(/^\S.* 100 ms\n/)
})
