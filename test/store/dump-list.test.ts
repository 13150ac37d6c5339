import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeCpuprofile } from '../../src/formats/cpuprofile/write.js'
import { type KnownDumps, listDumps } from '../../src/store/dump-list.js'
import { dumpOf } from '../support/meta.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'profview-list-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('lists dumps newest first and leaves out everything else', () => {
  const at = (time: string) => writeCpuprofile(dumpOf('main 5', { id: time, startedAt: time }))
  writeFileSync(join(dir, 'b.cpuprofile'), at('2026-11-20T10:00:00.000Z'))
  writeFileSync(join(dir, 'a.cpuprofile'), at('2026-11-20T12:00:00.000Z'))
  writeFileSync(join(dir, 'c.cpuprofile'), at('2026-11-20T11:00:00.000Z'))
  writeFileSync(join(dir, '.d.cpuprofile.tmp'), at('2026-11-20T11:00:00.000Z'))
  writeFileSync(join(dir, 'notes.txt'), 'no dump')
  writeFileSync(join(dir, 'foreign.cpuprofile'), '{"nodes":[],"startTime":0,"endTime":0}')
  mkdirSync(join(dir, 'folder.cpuprofile'))
  execFileSync('mkfifo', [join(dir, 'fifo.cpuprofile')])
  symlinkSync('/etc/passwd', join(dir, 'link.cpuprofile'))
  writeFileSync(join(dir, 'growing.cpuprofile'), at('2026-11-20T10:00:00.000Z').subarray(0, 100))
  writeFileSync(join(dir, 'lost.cpuprofile'), '')
  writeFileSync(join(dir, 'newer.cpuprofile'), '{"$profview":{"version":7}}')
  const skipped: string[] = []
  const entries = listDumps(dir, (file, reason) => skipped.push(`${basename(file)}: ${reason}`))
  expect(entries.map(({ file }) => basename(file))).toEqual([
    'a.cpuprofile',
    'c.cpuprofile',
    'b.cpuprofile',
  ])
  expect(skipped.sort()).toEqual([
    'growing.cpuprofile: the file is not complete',
    'lost.cpuprofile: the file is empty',
    'newer.cpuprofile: made by a newer profview (dump version 7, this one reads 2)',
  ])
})

test('reads as much of a head as it takes', () => {
  const labels = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`label${i}`, 'x']))
  writeFileSync(join(dir, 'a.cpuprofile'), writeCpuprofile(dumpOf('main 5', { labels })))
  expect(Object.keys(listDumps(dir)[0]!.meta.labels)).toHaveLength(3000)
})

test('reads again only what has changed, for who asks again', () => {
  const file = join(dir, 'a.cpuprofile')
  const write = (id: string, seconds: number) => {
    writeFileSync(file, writeCpuprofile(dumpOf('main 5', { id })))
    utimesSync(file, seconds, seconds)
  }
  const known: KnownDumps = new Map()
  const ids = () => listDumps(dir, () => {}, known).map(({ meta }) => meta.id)
  write('one', 1000)
  expect(ids()).toEqual(['one'])
  write('two', 1000)
  expect(ids()).toEqual(['one'])
  write('two', 1001)
  expect(ids()).toEqual(['two'])
  rmSync(file)
  expect([ids(), known.size]).toEqual([[], 0])
})

test('says that there is no such directory', () => {
  expect(() => listDumps(join(dir, 'gone'))).toThrow(/^cannot list .*gone: no such file/)
})
