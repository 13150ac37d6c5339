/** Threads of a worker, and containers whose process is number 1, are told apart everywhere. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Profile } from '../../src/index.js'
import { openInputs } from '../../src/server/source.js'
import { openStore } from '../../src/store/dump-store.js'
import { filterRecordings } from '../../src/transform/filter.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { workerOfEntry } from '../../src/viewer-api/wire.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/meta.js'

const PROCESSES = [
  { pid: 99, workerId: 1, threadId: 0 },
  { pid: 99, workerId: 1, threadId: 1 },
  { pid: 99, workerId: 1, threadId: 2 },
  { pid: 77, workerId: 0, threadId: 3 },
].map((process) => ({ ...process, host: 'box', node: 'v24.1.0' }))
const DUMPS = PROCESSES.map((process, i) => {
  return dumpOf(`f${i}@/a/x.js:${i + 1} 100000`, { id: `id${i}`, process })
})

const NO_LIMITS = { files: Infinity, bytes: Infinity, ageMs: Infinity }

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-workers-'))
  const limits = NO_LIMITS
  for (const dump of DUMPS) openStore({ dir: join(cwd, 'profiles'), limits }).write(dump)
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('in lists and in labels of merges', () => {
  const { out } = profview(['list'], { cwd })
  const listed = out.match(/(pid )?\d+(\.\d+)?(?= {2}profiles)/g)
  expect(listed!.sort()).toEqual(['1', '1.1', '1.2', 'pid 77.3'])
  const labels = mergeProfiles(DUMPS).labelSets.map((set) => set.get('worker'))
  expect([...new Set(labels)].filter(Boolean).sort()).toEqual(['1', '1.1', '1.2', '77.3'])
})

test.each([
  ['1', 'f0 f1 f2'],
  ['99', 'f0 f1 f2'],
  ['1.1', 'f1'],
  ['99.2', 'f2'],
  ['77', 'f3'],
  ['77.3', 'f3'],
  ['pid 77.3', 'f3'],
])('show --worker %s', (worker, functions) => {
  const { out } = profview(['show', 'profiles', '--worker', worker], { cwd })
  expect([...new Set(out.match(/\bf\d\b/g))].sort().join(' ')).toBe(functions)
})

describe('two containers', () => {
  const PODS = ['pod-b', 'pod-a', 'pod-a'].map((host, threadId) => {
    const process = {
      pid: 1,
      workerId: 0,
      threadId: Math.floor(threadId / 2),
      host,
      node: 'v24.1.0',
    }
    return dumpOf(`g${threadId}@/a/x.js:${threadId + 1} 100000`, { id: `pod${threadId}`, process })
  })
  const workersOf = (profile: Profile) =>
    [...new Set(profile.labelSets.map((set) => set.get('worker')))].filter(Boolean).sort()
  const names = ['pod-a/1', 'pod-a/1.1', 'pod-b/1']
  let dir = ''
  beforeAll(() => {
    dir = join(cwd, 'pods')
    for (const dump of PODS) openStore({ dir, limits: NO_LIMITS }).write(dump)
  })

  test('in any order and grouping of a merge', () => {
    const [b, a, thread] = PODS as [Profile, Profile, Profile]
    expect(workersOf(mergeProfiles([a, thread]))).toEqual(['1', '1.1'])
    const whole = mergeProfiles(PODS)
    expect(workersOf(whole)).toEqual(names)
    for (const grouped of [
      [mergeProfiles([a, thread]), b],
      [mergeProfiles([b, a]), thread],
      [thread, mergeProfiles([a, b])],
    ]) {
      expect(mergeProfiles(grouped)).toEqual(whole)
    }
    const part = filterRecordings(whole, { worker: 'pod-a/1.1' }).profile
    expect(workersOf(mergeProfiles([part, a]))).toEqual(['1', '1.1'])
  })

  test('in a list, on the page, and by their names', () => {
    const { out } = profview(['list', 'pods'], { cwd })
    expect(out.match(/pod-\w\/[\d.]+/g)!.sort()).toEqual(names)
    const { entries } = openInputs([dir]).scan()
    expect(entries.map(workerOfEntry).sort()).toEqual(names)
    for (const [worker, functions] of [
      ['pod-a/1.1', 'g2'],
      ['pod-a/1', 'g1 g2'],
      ['pod-b/1', 'g0'],
      ['1', 'g0 g1 g2'],
    ] as const) {
      const { out } = profview(['show', 'pods', '--worker', worker], { cwd })
      expect([...new Set(out.match(/\bg\d\b/g))].sort().join(' ')).toBe(functions)
    }
  })
})
