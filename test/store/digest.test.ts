/** A dump says what its bytes are: whoever has changed them is found out. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../src/store/dump-store.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/meta.js'
import { formatTree } from '../support/trees.js'

const REASON = 'damaged: its bytes are not those that profview wrote (sha256)'

let dir: string
let bytes: Buffer
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'profview-digest-'))
  const limits = { files: Infinity, bytes: Infinity, ageMs: Infinity }
  const profile = dumpOf('main@/a/x.js:1;f@/a/x.js:2 60000\nmain@/a/x.js:1;[await] timer 40000')
  bytes = readFileSync(openStore({ dir: join(dir, 'profiles'), limits }).write(profile))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function read(changed: Uint8Array): string {
  const file = join(dir, 'x.cpuprofile')
  writeFileSync(file, changed)
  try {
    return formatTree(readProfileFile(file)).join('\n')
  } catch (error) {
    return (error as Error).message.replace(`${file}: `, '')
  }
}

test('no bit can be flipped behind the digest', () => {
  const good = read(bytes)
  expect(good).toContain('main')
  const end = bytes.indexOf('"sha256":"') + '"sha256":"'.length + 64
  expect(end).toBeGreaterThan(100)
  for (let at = end + 1; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1 << (at % 8)
    expect(read(changed), `byte ${at}`).toBe(REASON)
  }
  const otherDigest = Buffer.from(bytes)
  otherDigest[end - 5]! ^= 1
  expect(read(otherDigest)).toBe(REASON)
  expect(read(bytes.subarray(0, -1))).toBe(REASON)
  expect(read(Buffer.concat([bytes, Buffer.from('\n')]))).toBe(REASON)
  expect(read(gzipSync(bytes))).toBe(good)
  expect(read(gzipSync(bytes.subarray(0, -1)))).toBe(REASON)
})

test('a dump without one is read as it was, and one that others have written anew', () => {
  const text = bytes.toString()
  expect(read(Buffer.from(text.replace(/,"sha256":"\w+"/, '')))).toBe(read(bytes))
  expect(read(Buffer.from(`\ufeff${text}`))).toBe(read(bytes))
  const { $profview, ...rest } = JSON.parse(text)
  const { sha256: _, ...facts } = $profview
  const anew = JSON.stringify({ ...rest, $profview: facts }, null, 2)
  expect(read(Buffer.from(anew))).toBe(read(bytes))
})

test('it is the same for a dump that is never held as a whole', () => {
  const padding = `,"other":"${'x'.repeat(5_000_000)}"`
  const text = bytes.toString().replace(/,"sha256":"\w+"/, '')
  const large = `${text.trimEnd().slice(0, -1)}${padding}}\n`
  const behind = large.slice(large.indexOf('},\n"nodes"'))
  const { createHash } = process.getBuiltinModule('node:crypto')
  const sha256 = createHash('sha256').update(behind).digest('hex')
  const signed = large.replace('},\n"nodes"', `,"sha256":"${sha256}"},\n"nodes"`)
  expect(read(Buffer.from(signed))).toBe(read(bytes))
  expect(read(Buffer.from(signed.replace('xxx', 'xyx')))).toBe(REASON)
})

test('commands say so in one line and go on with the others', () => {
  const changed = Buffer.from(bytes)
  changed[bytes.length - 10]! ^= 1
  writeFileSync(join(dir, 'changed.cpuprofile'), changed)
  const [file] = [join(dir, 'x.cpuprofile')]
  writeFileSync(file, bytes)
  const { code, out, err } = profview(['show', 'changed.cpuprofile', 'x.cpuprofile'], { cwd: dir })
  expect(code).toBe(1)
  expect(out).toContain('100 ms')
  expect(err).toBe(`profview: changed.cpuprofile: ${REASON}\n`)
})

test('sums that are not the duration are told', () => {
  const text = bytes.toString().replace(/,"sha256":"\w+"/, '')
  writeFileSync(join(dir, 'sums.cpuprofile'), text.replace(/("durationMicros":)100000/, '$190000'))
  const { code, out } = profview(['show', 'sums.cpuprofile'], { cwd: dir })
  expect(code).toBe(0)
  expect(out).toContain('warning: its samples add up to 100 ms, not to its 90.0 ms')
  expect(out).toContain('warning: its accounts add up to 100 ms, not to its 90.0 ms')
})
