/** What a file, a path or a variable says reaches a terminal as one line of text, no more. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printableReason } from '../../src/printable.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { Profile } from '../../src/profile/profile.js'
import { safe } from '../../src/recorder/logger.js'
import { openStore } from '../../src/store/dump-store.js'
import { writeProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { hostileProfile } from '../support/hostile.js'

const ROOT = join(import.meta.dirname, '../..')
/** What a terminal obeys: ESC, the C1 controls, BEL, line breaks, bidi and invisible characters. */
const EVIL = '\x1b]0;evil\x07\x9b31m\u202egpj\u2066\u200b\u2028\r\nnext\x00'
/** A name as a file can have it: no NUL. */
const EVIL_NAME = EVIL.slice(0, -1)
const OBEYED =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/

let cwd: string
let dump: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-escapes-'))
  const store = openStore({
    dir: join(cwd, 'profiles'),
    limits: { files: Infinity, bytes: Infinity, ageMs: Infinity },
  })
  dump = store.write(hostileDump('a1'))
  store.write(hostileDump('b2'))
  writeProfileFile(join(cwd, `${EVIL_NAME}.cpuprofile`), hostileDump('c3'))
  for (const name of ['x.speedscope.json', 'x.collapsed.txt', 'x.pb', 'x.pb.gz']) {
    writeProfileFile(join(cwd, name), hostileProfile(1, EVIL))
  }
  mkdirSync(join(cwd, `${EVIL_NAME}.d`))
  for (const [i, text] of BROKEN.entries()) {
    writeFileSync(join(cwd, `${EVIL_NAME}.d`, `${i}${EVIL_NAME}.cpuprofile`), text)
  }
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const E = JSON.stringify(EVIL)
/** Each quotes what it holds in its error. */
const BROKEN = [
  EVIL,
  `{${EVIL}`,
  `{"nodes":[{"id":${E},"callFrame":{}},{"id":${E},"callFrame":{}}]}`,
  `{"nodes":[{"id":[${E}],"callFrame":{}}]}`,
  `{"nodes":[],"samples":[1],"timeDeltas":[${E}]}`,
  `{"nodes":[],"startTime":${E}}`,
  `{"nodes":[{"id":1,"callFrame":{"functionName":"\x1b[31m\u202e"}`,
  `{"$profview":{"version":${E}}}`,
  `{"$profview":{"version":2,"writer":"x","id":"x","kind":${E}}}`,
  `{"$profview":{"version":2,"writer":"x","id":"x","kind":"request","startedAt":"","${EVIL.replaceAll(/[\x00-\x1f]/g, '')}":1}}`,
  `{"$profview":{"version":2,"kind":"profile","name":"","unit":${E}}}`,
  `{"profiles":[{"type":"sampled","unit":${E}}],"shared":{"frames":[]}}`,
  `{"profiles":[{"type":${E},"unit":"none"}],"shared":{"frames":[]}}`,
]

function hostileDump(id: string): Profile {
  const evil = hostileProfile(1, EVIL)
  const meta = evil.sources[0]!
  const wait = { stack: 2, labelSet: 0, count: 3, totalMicros: 500, longestMicros: 400 }
  const culprit = { title: EVIL, name: EVIL, file: EVIL, line: 1, micros: 400_000 }
  const queued = { minMicros: 0, maxMicros: 400_000, othersKeptOut: 1, by: [culprit] }
  const source = {
    ...meta,
    id,
    queued,
    startedAt: EVIL,
    request: { ...meta.request!, method: 'GET', aborted: true },
    ledger: { ...emptyLedger(), cpu: 1_001, await: 500 },
    [EVIL]: EVIL,
  }
  return { ...evil, sources: [source], waits: [wait], warnings: [EVIL] }
}

describe('no command lets a terminal obey', () => {
  const commands: readonly (readonly [string, string[], { env?: Record<string, string> }?])[] = [
    ['show', ['profiles']],
    ['show of one, all of it', ['show-one', '--all']],
    ['show --flat', ['show', 'profiles', '--flat']],
    ['show --timeline', ['show', 'profiles', '--timeline']],
    ['show --invert', ['show', 'profiles', '--invert', '--all']],
    ['show --md', ['show', 'profiles', '--md']],
    ['show --json', ['show', 'profiles', '--json']],
    ['show in colour', ['show', 'profiles', '--all'], { env: { FORCE_COLOR: '1' } }],
    ['show of a route', ['show', 'profiles', '--route', EVIL_NAME]],
    ['show of a worker', ['show', 'profiles', '--worker', EVIL_NAME]],
    ['show of other formats', ['show', 'x.speedscope.json', '--all']],
    ['show of a pprof', ['show', 'x.pb', '--flat']],
    ['show of a packed pprof', ['show', 'x.pb.gz']],
    ['show of folded stacks', ['show', 'x.collapsed.txt']],
    ['show of a file of such a name', ['show', `${EVIL_NAME}.cpuprofile`]],
    ['show of a file that is not there', ['show', `${EVIL_NAME}.pb`]],
    ['show of broken files', ['show', `${EVIL_NAME}.d`]],
    ['show of different units', ['show', 'x.pb', `${EVIL_NAME}.cpuprofile`, 'x.collapsed.txt']],
    ['list', ['list']],
    ['list --json', ['list', '--json']],
    ['list of broken files', ['list', `${EVIL_NAME}.d`]],
    ['list of nothing', ['list', EVIL_NAME]],
    ['list --help', ['list', '--help'], { env: { PROFVIEW_DIR: EVIL_NAME } }],
    ['diff', ['diff', 'profiles', '--', 'profiles', '--all']],
    ['diff --md', ['diff', 'profiles', '--', 'profiles', '--md']],
    ['diff --json', ['diff', 'profiles', '--', 'profiles', '--json']],
    ['diff of one side', ['diff', EVIL_NAME]],
    ['merge', ['merge', 'profiles', '-o', `${EVIL_NAME}.out.cpuprofile`]],
    ['merge into nowhere', ['merge', 'profiles', '-o', `no/${EVIL_NAME}.cpuprofile`]],
    ['merge into no format', ['merge', 'profiles', '-o', EVIL_NAME]],
    ['convert', ['convert', 'profiles', '-o', `${EVIL_NAME}.out.md`]],
    ['run', ['run', EVIL_NAME]],
    ['run of nothing', ['run', '--interval', EVIL_NAME]],
    ['prune', ['prune', `${EVIL_NAME}.d`]],
    ['prune of nothing', ['prune', EVIL_NAME, '--age', EVIL_NAME]],
    ['open of broken files', ['open', '--no-open', `${EVIL_NAME}.d/1${EVIL_NAME}.cpuprofile`]],
    ['no command', [EVIL_NAME]],
    ['no option', ['show', `--${EVIL_NAME}`]],
    ['no choice', ['show', 'profiles', '--kind', EVIL_NAME]],
  ]
  for (const [name, given, options] of commands) {
    test(name, () => {
      const args = given[0] === 'show-one' ? ['show', dump, ...given.slice(1)] : given
      const asked = name === 'show' ? ['show', ...args] : args
      const { out, err, code } = profview(asked, { cwd, ...options })
      const plain = options?.env?.FORCE_COLOR ? out.replaceAll(/\x1b\[\d{1,2}m/g, '') : out
      expect(code).not.toBeNull()
      expect(plain).not.toMatch(OBEYED)
      expect(err).not.toMatch(OBEYED)
      expect(out + err).not.toContain('[object Object]')
      expect(err).not.toContain('internal error')
      // One line each: the line break in a name has not become one.
      expect(out + err).not.toMatch(/^next/m)
      for (const line of err.trimEnd().split('\n')) expect(line).toMatch(/^(profview: .*)?$/)
      if (given.includes('--json')) expect(() => JSON.parse(out)).not.toThrow()
    })
  }
})

test('an error that nobody catches is one harmless line as well', () => {
  const file = join(cwd, `${EVIL_NAME}.d`, `0${EVIL_NAME}.cpuprofile`)
  const program = `require(${JSON.stringify(ROOT)}).readProfile(${JSON.stringify(file)})`
  const { stderr, status } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  expect(status).toBe(1)
  const [said] = stderr.match(/^.*ProfviewError: .*$/m) ?? []
  expect(said).toContain('\\x1b]0;evil')
  expect(said).not.toMatch(OBEYED)
})

test('what is logged beside an app is one harmless line', () => {
  const lines: string[] = []
  const keep = (line: string) => void lines.push(line)
  safe({ info: keep, warn: keep }).warn(`profview: PROFVIEW=${EVIL} is not understood`)
  expect(lines).toEqual([expect.stringContaining('PROFVIEW=\\x1b]0;evil\\x07\\x9b31m\\u202egpj')])
  expect(lines[0]).not.toMatch(OBEYED)
})

/**
 * Where something is written to a stream or a log: whoever adds a place routes it through these, or
 * says here why it is harmless.
 */
const OWNERS: Readonly<Record<string, RegExp>> = {
  // The functions that make it harmless.
  'src/cli/output.ts':
    /stream\.write\((printable|text\.split|`\\r\\x1b\[K\$\{printable|`profview: \$\{printable)|this\.#stream\.write\(text\)/,
  'src/recorder/logger.ts': /emitWarning\(message/,
  'src/recorder/writer/writer-worker.ts': /writeSync\(2, `\$\{printable\(/,
  // A text of its own, and the same each time.
  'src/middleware/register.ts': /emitWarning\(UNUSABLE, /,
}

test('nothing is written to a stream or a log but by who makes it harmless', () => {
  const sinks =
    /\b(?:std(?:out|err)|stream)\.write\(|emitWarning\(|\bconsole\.|_rawDebug|writeSync\([12],/
  const found = sources().flatMap(({ file, lines }) =>
    lines
      .filter((line) => sinks.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
      .filter((line) => !OWNERS[file]?.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})

test('what has been thrown is put into words by who knows how', () => {
  const blunt = /String\((?:error|reason|thrown|cause)\)/
  const found = sources().flatMap(({ file, lines }) =>
    lines.filter((line) => blunt.test(line)).map((line) => `${file}: ${line.trim()}`),
  )
  expect(found.filter((place) => !place.startsWith('src/printable.ts: '))).toEqual([])
  for (const thrown of [
    {},
    [],
    null,
    undefined,
    Object.create(null),
    { message: {} },
    Symbol('x'),
  ]) {
    const words = printableReason(thrown)
    expect(words).not.toContain('[object')
    expect(words).not.toBe('')
  }
  expect(printableReason(new TypeError(EVIL))).not.toMatch(OBEYED)
  expect(printableReason({ code: 'E1' })).toBe('{"code":"E1"}')
})

function sources(): { file: string; lines: string[] }[] {
  const files = ['src', 'bin'].flatMap((dir) =>
    readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' }).map((name) =>
      `${dir}/${name}`.replaceAll('\\', '/'),
    ),
  )
  return files
    .filter((file) => /\.[jt]s$/.test(file))
    .map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n') }))
}
