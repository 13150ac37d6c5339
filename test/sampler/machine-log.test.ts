/** The system's counters of what the machine took, from files written by hand. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { quotaStat } from '../../src/sampler/cpu-quota.js'
import { type MachineColumns, MachineLog } from '../../src/sampler/machine-log.js'
import { SetClock } from '../support/sampler-parts.js'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'profview-machine-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
})

function files(texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
}

const cgroup = () => ({ own: join(dir, 'cgroup'), root: join(dir, 'fs') })
const newLog = () => new MachineLog(join(dir, 'schedstat'), cgroup())

function rowsOf({ machineAt, machineRunQueue, machineThrottled }: MachineColumns): number[][] {
  return [...machineAt].map((at, i) => [at, machineRunQueue[i]!, machineThrottled[i]!])
}

test('each reading has its time, and the counters in ms', () => {
  const clock = new SetClock()
  files({
    schedstat: '123456789 2500000 42\n',
    cgroup: '0::/app\n',
    'fs/app/cpu.max': '30000 100000\n',
    'fs/app/cpu.stat': 'usage_usec 1\nnr_throttled 3\nthrottled_usec 7500\n',
  })
  const log = newLog()
  clock.at = 10
  expect(log.read()).toBe(123.456789)
  files({ schedstat: '123999999 12500000 44\n' })
  files({ 'fs/app/cpu.stat': 'usage_usec 1\nnr_throttled 4\nthrottled_usec 9500\n' })
  clock.at = 30
  log.read()
  expect(rowsOf(log.take())).toEqual([
    [10, 2.5, 7.5],
    [30, 12.5, 9.5],
  ])
  expect(rowsOf(log.take())).toEqual([])
})

test.each<[string, Record<string, string>]>([
  ['has no such files', {}],
  ['does not count', { schedstat: '0 0 0\n', cgroup: '0::/\n' }],
])('a system that %s says nothing, every time', (_what, texts) => {
  new SetClock()
  files(texts)
  const log = newLog()
  expect([log.read(), log.read()]).toEqual([Number.NaN, Number.NaN])
  const silent = [0, Number.NaN, Number.NaN]
  expect(rowsOf(log.take())).toEqual([silent, silent])
})

describe('the group that has a quota', () => {
  /** Where the statistics are, from the root of the file system of groups. */
  function found(own: string, texts: Record<string, string>): string | null {
    files({ cgroup: own })
    files(Object.fromEntries(Object.entries(texts).map(([name, text]) => [`fs/${name}`, text])))
    return quotaStat(cgroup())?.slice(join(dir, 'fs').length + 1) ?? null
  }

  test.each<[string, string, Record<string, string>, string | null]>([
    ['its own', '0::/a/b\n', { 'a/b/cpu.max': '30000 100000\n' }, 'a/b/cpu.stat'],
    [
      'one above',
      '0::/a/b\n',
      { 'a/b/cpu.max': 'max 100000\n', 'a/cpu.max': '30000 100000\n' },
      'a/cpu.stat',
    ],
    ['of a container', '0::/\n', { 'cpu.max': '30000 100000\n' }, 'cpu.stat'],
    ['none', '0::/a\n', { 'a/cpu.max': 'max 100000\n' }, null],
    ['none that it can see', '0::/../b\n', { 'cpu.max': '30000 100000\n' }, null],
    [
      'version 1',
      '4:memory:/x\n2:cpu,cpuacct:/a\n0::/\n',
      { 'cpu,cpuacct/a/cpu.cfs_quota_us': '30000\n' },
      'cpu,cpuacct/a/cpu.stat',
    ],
    [
      'version 1, of a container that knows its own root only',
      '2:cpu:/docker/4f\n',
      { 'cpu/cpu.cfs_quota_us': '30000\n' },
      'cpu/cpu.stat',
    ],
    ['version 1, none', '2:cpu:/a\n', { 'cpu/a/cpu.cfs_quota_us': '-1\n' }, null],
    ['no file', '', {}, null],
  ])('%s', (_which, own, texts, expected) => {
    expect(found(own, texts)).toBe(expected)
  })

  test('version 1 counts in ns', () => {
    new SetClock()
    files({
      schedstat: '1 0 0\n',
      cgroup: '1:cpu:/\n',
      'fs/cpu/cpu.cfs_quota_us': '30000\n',
      'fs/cpu/cpu.stat': 'nr_periods 9\nnr_throttled 4\nthrottled_time 2000000\n',
    })
    const log = newLog()
    log.read()
    expect(rowsOf(log.take())).toEqual([[0, 0, 2]])
  })
})
