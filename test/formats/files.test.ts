import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { blockedBy } from '../../src/analysis/blame.js'
import { hasExtension } from '../../src/formats/format.js'
import { decodeProfile, encodeProfile, READABLE } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkFormat, readBytes, refusal } from '../support/formats.js'
import { ledgerOf } from '../support/sums.js'
import { formatTree } from '../support/trees.js'

const PROFILES = new URL('../../fixtures/profiles/', import.meta.url).pathname
const INVALID = new URL('../../fixtures/invalid/', import.meta.url).pathname

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** The format that reads files of this name, whether it is written or not. */
function formatNamed(path: string): string | undefined {
  const name = path.replace(/\.gz$/, '')
  // It shares its names with all of JSON.
  if (hasExtension(name, ['.trace.json'])) return 'chrome-trace'
  return READABLE.find(({ extensions }) => hasExtension(name, extensions))?.name
}

describe('every profile in fixtures/', () => {
  for (const path of filesIn(PROFILES)) {
    test(`${basename(path)} is read, told apart, written and read back`, () => {
      expect(totalWeight(checkFormat(path))).toBeGreaterThan(0)
      expect(path).toContain(`/${formatNamed(path)}/`)
    })
  }
})

test('a recording of Node lasts from its start to its end', () => {
  for (const version of [20, 22, 24, 26]) {
    const bytes = readBytes(join(PROFILES, `cpuprofile/node${version}.cpuprofile`))
    const { startTime, endTime } = JSON.parse(new TextDecoder().decode(bytes))
    const profile = decodeProfile(bytes, 'x')
    expect(totalWeight(profile)).toBe(endTime - startTime)
    expect(formatTree(profile).join('\n')).toMatch(/handler \d+ \d+\n +parse \d+ \d+/)
  }
})

test('a dump of version 1 is what it was', () => {
  const profile = decodeProfile(readBytes(join(PROFILES, 'cpuprofile/dump-v1.cpuprofile')), 'x')
  expect(profile).toMatchObject({ name: 'GET /users/:id', timeline: true, startMicros: 5000 })
  expect(profile.sources[0]!.labels).toEqual({ trace_id: 'abc' })
  expect(totalWeight(profile)).toBe(profile.sources[0]!.durationMicros)
  expect(formatTree(profile)).toEqual([
    'handler 25000 0',
    '  load 21200 1200',
    '    [await] timer 20000 20000',
    '  parse 3800 3400',
    '    (garbage collector) 400 400',
    '[unknown] 100 100',
  ])
})

test('a dump of version 1 blames whom it blamed, and is written as it was', () => {
  const bytes = readBytes(join(PROFILES, 'cpuprofile/blocked-v1.cpuprofile'))
  const profile = decodeProfile(bytes, 'x')
  expect(profile.sources[0]).toMatchObject({
    ...{ version: 1, durationMicros: 152_809 },
    ledger: {
      ...{ cpu: 22_414, gc: 0, offcpu: 0, await: 19_136 },
      ...{ blocked: 110_280, profiler: 979, unknown: 0 },
    },
  })
  expect(ledgerOf([profile])).toEqual(profile.sources[0]!.ledger)
  expect(formatTree(profile).slice(0, 17)).toEqual([
    '(anonymous) 152809 55',
    '  (anonymous) 152407 0',
    '    handler 152407 178',
    '      load 151448 8',
    '        [await] timer 80 ms 129267 18987',
    '          [blocked] 110280 0',
    '            GET 108950 174',
    '              (anonymous) 92306 0',
    '                (anonymous) 92306 0',
    '                  report 92306 0',
    '                    render 92306 35736',
    '                      spin 56570 23414',
    '                        now 33156 0',
    '                          now 33156 33156',
    '              (garbage collector) 16470 16470',
    '            background 1330 1330',
    '        spin 21937 0',
  ])
  expect(blockedBy(profile)).toMatchObject([
    { title: 'GET', isForeign: false, micros: 108_950, hotspot: { micros: 56_570 } },
    { title: 'background', isForeign: false, micros: 1330, hotspot: null },
  ])
  expect(Buffer.compare(encodeProfile(profile, 'cpuprofile'), bytes)).toBe(0)
})

test('merges and dumps of version 1 are written as they were', () => {
  for (const name of ['dump-v1', 'merged-v1']) {
    const bytes = readBytes(join(PROFILES, `cpuprofile/${name}.cpuprofile`))
    expect(Buffer.compare(encodeProfile(decodeProfile(bytes, 'x'), 'cpuprofile'), bytes)).toBe(0)
  }
})

test('every file in fixtures/invalid/ is refused in one clear line', () => {
  const refused = filesIn(INVALID).map(
    (path) => `${basename(path)}: ${refusal(readBytes(path), path)}`,
  )
  expect(refused.sort()).toEqual([
    'cut.cpuprofile: BAD_INPUT: the JSON is cut short at byte 805',
    expect.stringMatching(/^cut\.pb: BAD_INPUT: .* is cut short$/),
    'cycle.cpuprofile: BAD_INPUT: nodes[1] has two parents',
    'duplicate-id.cpuprofile: BAD_INPUT: nodes[1].id is already taken (1)',
    'newer.cpuprofile: NEWER_VERSION: made by a newer profview (dump version 3, this one reads 2)',
    'no-frame.speedscope.json: BAD_INPUT: profiles name frame 0, which is not in the file',
    'null-time.cpuprofile: BAD_INPUT: bad time at sample 1 (null)',
    'prose.folded: BAD_INPUT: line 1 is no folded stack',
  ])
})
