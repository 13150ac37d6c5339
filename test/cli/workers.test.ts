/** Threads of a worker are told apart wherever workers are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../src/store/dump-store.js'
import { mergeProfiles } from '../../src/transform/merge.js'
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

let cwd = ''
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-workers-'))
  const limits = { files: Infinity, bytes: Infinity, ageMs: Infinity }
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
