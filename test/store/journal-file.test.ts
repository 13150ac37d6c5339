/** Files that grow by records, and what is read of them after their process has gone. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isJournal } from '../../src/store/dump-name.js'
import { pruneDirectory } from '../../src/store/dump-store.js'
import { JournalFile, journalRecords } from '../../src/store/journal-file.js'
import { listProfiles } from '../../src/store/profile-list.js'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'profview-journal-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const RECORDS = ['one', 'two and a half', '', 'three']

function written(): JournalFile {
  const file = new JournalFile(join(dir, 'made'), 0)
  for (const text of RECORDS) file.add(Buffer.from(text))
  return file
}

const textsIn = (path: string) => Array.from(journalRecords(path), String)

test('is nobody else’s, no reader takes it for a profile, and it goes without a trace', () => {
  const file = written()
  if (process.platform !== 'win32') expect(statSync(file.path).mode & 0o777).toBe(0o600)
  expect(isJournal(basename(file.path))).toBe(true)
  expect(textsIn(file.path)).toEqual(RECORDS)
  expect(listProfiles(join(dir, 'made'))).toEqual({ dumps: [], foreign: [] })
  file.remove()
  expect(readdirSync(join(dir, 'made'))).toEqual([])
})

test('cut anywhere, it holds all records that are whole', () => {
  const file = written()
  const bytes = readFileSync(file.path)
  const cut = join(dir, 'cut')
  for (let length = 0; length <= bytes.length; length++) {
    writeFileSync(cut, bytes.subarray(0, length))
    let end = 0
    const whole = RECORDS.filter((text) => {
      end += 8 + text.length
      return end <= length
    })
    expect(textsIn(cut)).toEqual(whole)
  }
  file.remove()
})

test('whatever bit is wrong, no record is another one', () => {
  const file = written()
  const bytes = readFileSync(file.path)
  const changed = join(dir, 'changed')
  for (let i = 0; i < bytes.length * 8; i++) {
    const copy = Buffer.from(bytes)
    copy[i >> 3]! ^= 1 << (i & 7)
    writeFileSync(changed, copy)
    const read = textsIn(changed)
    expect(read.length).toBeLessThan(RECORDS.length)
    expect(RECORDS.slice(0, read.length)).toEqual(read)
  }
  file.remove()
})

test('is swept after a day', () => {
  const file = written()
  const limits = { files: 10, bytes: 1e6, ageMs: 1e9 }
  const isThereAfter = (hours: number) => {
    const then = new Date(Date.now() - hours * 3_600_000)
    utimesSync(file.path, then, then)
    pruneDirectory(join(dir, 'made'), limits)
    return existsSync(file.path)
  }
  expect([23, 25].map(isThereAfter)).toEqual([true, false])
  file.remove()
})
