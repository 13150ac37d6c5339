import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasExtension } from '../../src/formats/format.js'
import { decodeProfile, READABLE } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkFormat, readBytes, refusal } from '../support/formats.js'
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
    'no-frame.speedscope.json: BAD_INPUT: profiles[0].samples[0] names a frame that is not in the file',
    'null-time.cpuprofile: BAD_INPUT: bad time at sample 1 (null)',
    'prose.folded: BAD_INPUT: line 1 is no folded stack',
  ])
})
