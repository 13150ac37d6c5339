/** Processes that end without their exit handlers: what is left of them, and what is said. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile, Warning } from '../../src/profile/profile.js'
import { isJournal } from '../../src/store/dump-name.js'
import { JournalFile, journalRecords } from '../../src/store/journal-file.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { canMount, onSmallDisk } from '../support/small-disk.js'

const BUNDLE = new URL('../../dist/bundle/', import.meta.url)

/**
 * Works for 20 of each 40 ms, for so long since the first of it was safe, which takes its time on a
 * busy machine, and writes a clock of its own: when, and how much until then, ms.
 */
const CLOCK = `
  const { appendFileSync, existsSync, readdirSync, rmSync } = require('node:fs')
  const isOurs = (name) => name.includes('-' + process.pid + '-') && name.endsWith('.journal')
  const isSafe = (dir) => existsSync(dir) && readdirSync(dir).some(isOurs)
  function work(ms) { const from = performance.now(); while (performance.now() - from < ms); }
  let worked = 0
  let until = Infinity
  const kept = []
  function go(file, dir, ms, leaks, done) {
    const from = performance.now()
    work(20)
    worked += performance.now() - from
    appendFileSync(file, JSON.stringify([Date.now(), worked]) + '\\n')
    if (until === Infinity && (dir === null || isSafe(dir))) until = Date.now() + ms
    if (leaks && until < Infinity) kept.push(Array.from({ length: 30_000 }, (_, i) => ({ i })))
    if (Date.now() > until) done()
    else setTimeout(go, 20, file, dir, ms, leaks, done)
  }
`
const CLUSTER = `${CLOCK}
  const cluster = require('node:cluster')
  if (cluster.isPrimary) {
    for (const KIND of ['killed', 'leaks', 'well']) {
      const execArgv = KIND === 'leaks' ? ['--max-old-space-size=100'] : []
      cluster.setupPrimary({ execArgv, silent: true })
      const worker = cluster.fork({ KIND })
      worker.on('exit', (code, signal) => console.log(KIND, code, signal))
      if (KIND === 'killed') worker.on('message', () => worker.process.kill('SIGKILL'))
    }
  } else {
    const { KIND, NODE_OPTIONS } = process.env
    const dir = new URL(/--import=(\\S+)/.exec(NODE_OPTIONS)[1]).searchParams.get('dir')
    const done = () => KIND === 'killed' ? process.send('now') : process.disconnect()
    go(KIND, dir, KIND === 'leaks' ? 60_000 : 1500, KIND === 'leaks', done)
  }`

const APP = `${CLOCK}
  const { profiler } = require(process.env.BUNDLE)
  const [dir, clock, ms, how, limits = '{}'] = process.argv.slice(2)
  const { FILLER } = process.env
  if (FILLER) process.on('warning', () => rmSync(FILLER, { force: true }))
  profiler({ mode: 'process', dir, limits: JSON.parse(limits) })
  go(clock, FILLER ? null : dir, Number(ms), false, () => {
    if (how === 'exit') process.exit()
    if (how === 'abort') process.abort()
    process.kill(process.pid, how)
  })`

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-killed-'))
  writeFileSync(join(cwd, 'cluster.cjs'), CLUSTER)
  writeFileSync(join(cwd, 'app.cjs'), APP)
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

const textOf = ({ text }: Warning) => text
const filesIn = (dir: string) => readdirSync(join(cwd, dir)).filter((name) => name !== '.capture')
const dumpsIn = (dir: string) =>
  filesIn(dir)
    .filter((name) => !name.startsWith('.'))
    .map((name) => readProfileFile(join(cwd, dir, name)))

/** Its lines: when, and how much had been done by then, ms. */
function clock(file: string): (readonly [number, number])[] {
  const lines = readFileSync(join(cwd, file), 'utf8').split('\n')
  return lines.filter((line) => line.endsWith(']')).map((line) => JSON.parse(line))
}

/** The dump holds what its process had done by the dump's end, which was a second ago at most. */
function expectAllBut(profile: Profile, file: string, lastSecond: boolean): void {
  const lines = clock(file)
  const { startedAt, durationMicros, ledger } = profile.sources[0]!
  expect(sumOfLedger(ledger)).toBe(durationMicros)
  const end = Date.parse(startedAt) + durationMicros / 1000
  // A machine that is busy calls us late, too.
  const gaps = lines.slice(1).map(([at], i) => at - lines[i]![0])
  const lates = gaps.map((gap) => Math.max(0, gap - 40))
  const late = Math.max(0, ...lates)
  const slack = lates.reduce((sum, each) => sum + each, 0) + ledger.unknown / 1000
  if (lastSecond) expect(end).toBeGreaterThan(lines.at(-1)![0] - 1000 - 4 * late)
  const work = profile.frames.findIndex(({ name }) => name === 'work')
  const seen = buildFunctionTable(profile).total[work]! / 1000
  const done = lines.findLast(([at]) => at <= end)?.[1] ?? 0
  expect(Math.abs(seen - done)).toBeLessThan(60 + done * 0.1 + slack)
}

describe('a run', () => {
  test('of a cluster tells of each worker, however it ended', { timeout: 90_000 }, () => {
    const { code, out, err } = profview(['run', '--dir', 'kept', '--json', 'cluster.cjs'], { cwd })
    expect(code).toBe(0)
    expect(out.split('\n').slice(0, 3).sort()).toEqual([
      'killed null SIGKILL',
      expect.stringMatching(/^leaks (null SIGABRT|134 null)$/),
      'well 0 null',
    ])
    const lines = err.split('\n').filter((line) => line.startsWith('profview'))
    expect(lines.sort()).toEqual([
      expect.stringMatching(
        /^profview: worker 1, pid \d+ was killed by SIGKILL: at most its last [\d.]+ s are missing$/,
      ),
      expect.stringMatching(
        /^profview: worker 2, pid \d+ (was ended by SIGABRT|exited with code 134.*), probably out of memory \(its heap: \d+ of 100 MB\): at most its last [\d.]+ s are missing$/,
      ),
    ])
    const merged = JSON.parse(out.slice(out.indexOf('\n{'))).meta
    const dumps = dumpsIn('kept')
    const workers = dumps.map(({ sources: [meta] }) => meta!.process.workerId)
    expect(workers.sort()).toEqual([0, 1, 2, 3])
    expect(merged.durationMicros).toBe(
      dumps.reduce((sum, { sources: [meta] }) => sum + meta!.durationMicros, 0),
    )
    const warnings = merged.sources.flatMap((source: DumpMeta) => source.warnings.map(textOf))
    for (const line of lines) expect(warnings).toContain(line.slice('profview: '.length))
    for (const dump of dumps) {
      const { workerId } = dump.sources[0]!.process
      const file = ['', 'killed', 'leaks', 'well'][workerId]!
      // An engine that collects garbage all the time does nothing else, and V8 gives up late.
      if (workerId > 0) expectAllBut(dump, file, workerId === 1)
    }
  })

  test('says what a child exited with, and of whom nothing is known', { timeout: 60_000 }, () => {
    writeFileSync(
      join(cwd, 'parent.cjs'),
      `const { fork } = require('node:child_process')
      if (process.argv[2] === undefined) {
        fork(__filename, ['code'])
        fork(__filename, ['kill'])
      } else if (process.argv[2] === 'code') process.exit(7)
      else process.kill(process.pid, 'SIGKILL')`,
    )
    const { code, err } = profview(['run', '--json', 'parent.cjs'], { cwd })
    expect(code).toBe(0)
    expect(err.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(/^profview: pid \d+ exited with code 7$/),
      expect.stringMatching(/^profview: pid \d+ was ended by SIGKILL: nothing was recorded of it$/),
    ])
  })
})

describe('mode process', () => {
  const app = (args: readonly string[], before: readonly string[] = []): ChildProcess => {
    const [program = '', ...rest] = [...before, process.execPath, 'app.cjs', ...args]
    const env = { PATH: process.env.PATH, BUNDLE: join(BUNDLE.pathname, 'index.js') }
    return spawn(program, rest, { cwd, env, stdio: ['ignore', 'inherit', 'pipe'] })
  }
  const ended = async (child: ChildProcess): Promise<string> => {
    let err = ''
    child.stderr!.setEncoding('utf8').on('data', (text) => {
      err += text
    })
    await once(child, 'close')
    return err
  }
  const journals = () => filesIn('dumps').filter(isJournal)

  test.each(['SIGKILL', 'SIGTERM', 'abort'])(
    'ended by %s: who writes there next writes it',
    { timeout: 60_000 },
    async (how) => {
      const killed = app(['dumps', 'clock', '1200', how])
      await ended(killed)
      expect(filesIn('dumps')).toEqual(journals())
      expect(journals()).toHaveLength(1)
      const next = app(['dumps', 'other', '1200', 'exit'])
      await ended(next)
      // Nothing but dumps is left.
      expect(filesIn('dumps').filter((name) => name.startsWith('.'))).toEqual([])
      const dumps = dumpsIn('dumps')
      expect(dumps).toHaveLength(2)
      const dump = dumps.find(({ sources: [meta] }) => meta!.process.pid === killed.pid)!
      expect(dump.sources[0]).toMatchObject({ kind: 'process', kept: 'process' })
      expect(dump.sources[0]!.warnings.map(textOf)).toEqual([
        `pid ${killed.pid} ended without a word (killed?): its last second may be missing, or more if its loop hung`,
      ])
      expectAllBut(dump, 'clock', true)
    },
  )

  test('a journal that was cut is as good as it is long', { timeout: 60_000 }, async () => {
    await ended(app(['dumps', 'clock', '1200', 'SIGKILL']))
    const [journal] = journals()
    const path = join(cwd, 'dumps', journal!)
    truncateSync(path, readFileSync(path).length - 10)
    await ended(app(['dumps', 'other', '500', 'exit']))
    const dumps = dumpsIn('dumps')
    expect(dumps).toHaveLength(2)
    for (const dump of dumps) {
      expectAllBut(dump, dump.sources[0]!.warnings.length > 0 ? 'clock' : 'other', false)
    }
  })

  test('of another machine none is touched that may go on', { timeout: 60_000 }, async () => {
    await ended(app(['dumps', 'clock', '500', 'SIGKILL']))
    const [own] = journals()
    const [head, ...rest] = journalRecords(join(cwd, 'dumps', own!))
    rmSync(join(cwd, 'dumps', own!))
    const moved = new JournalFile(join(cwd, 'dumps'), 0)
    const of = deserialize(head!)
    moved.add(serialize({ ...of, process: { ...of.process, machine: 'another', pid: 1 } }))
    for (const record of rest) moved.add(record)
    await ended(app(['dumps', 'other', '500', 'exit']))
    expect(journals()).toHaveLength(1)
    expect(dumpsIn('dumps')).toHaveLength(1)
    const longAgo = new Date(Date.now() - 3_600_000)
    utimesSync(moved.path, longAgo, longAgo)
    await ended(app(['dumps', 'other', '500', 'exit']))
    expect(journals()).toHaveLength(0)
    expect(dumpsIn('dumps')).toHaveLength(3)
  })

  test('each part takes the place of the one before', { timeout: 60_000 }, async () => {
    const limits = JSON.stringify({ durationMs: 700 })
    await ended(app(['dumps', 'clock', '2500', 'SIGKILL', limits]))
    expect(journals()).toHaveLength(1)
    const before = dumpsIn('dumps').length
    expect(before).toBeGreaterThan(0)
    await ended(app(['dumps', 'other', '500', 'exit']))
    const dumps = dumpsIn('dumps').filter(({ sources: [meta] }) => meta!.process.pid > 0)
    expect(dumps.length).toBeGreaterThanOrEqual(before + 2)
    const ids = dumps.map(({ sources: [meta] }) => meta!.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test.skipIf(process.platform !== 'linux' || !canMount())(
    'on a full disk one line says so, and the dump is written once there is room',
    { timeout: 60_000 },
    () => {
      writeFileSync(
        join(cwd, 'full.sh'),
        `cat /dev/zero > disk/filler 2> /dev/null
         "$@"; ls -A disk | grep -vxF .capture > left`,
      )
      spawnSync('mkdir', [join(cwd, 'disk')])
      const [program = '', ...args] = [
        ...onSmallDisk(join(cwd, 'disk')),
        ...['sh', 'full.sh', process.execPath, 'app.cjs', 'disk', 'clock', '4000', 'exit'],
      ]
      const FILLER = join(cwd, 'disk', 'filler')
      const env = { PATH: process.env.PATH, BUNDLE: join(BUNDLE.pathname, 'index.js'), FILLER }
      const { stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' })
      expect(stderr).toMatch(
        /ProfviewWarning: if this process were killed, this part of it would be lost: .*ENOSPC/,
      )
      const left = readFileSync(join(cwd, 'left'), 'utf8').trim().split('\n')
      expect(left).toEqual([expect.stringMatching(/^\d.*\.cpuprofile$/)])
    },
  )
})
