/**
 * A request used 3 % of its time itself, in `add`; for 90 % another one that calls the same `add`
 * was in its way. Whoever is asked, and whatever it is written as: own stays 3 %.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Profile as PprofProfile } from 'pprof-format'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { buildFunctionsModel } from '../../viewer/src/functions/functions-model.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/dumps.js'
import { type FirefoxFile, stackNames } from '../support/firefox.js'
import { ledgerOf } from '../support/sums.js'

const HANDLER = 'app@/srv/node_modules/express/lib/express.js:1:1;search@/srv/search.js:10:1'
const REPORT = 'report@/srv/report.js:5:1'
const ADD = 'add@/srv/add.js:1:1'
const SEARCH = [
  ...Array(3).fill(`${HANDLER};${ADD} 1000`),
  ...Array(7).fill(`${HANDLER};[await] TCP db:5432 1000`),
  ...Array(90).fill(`${HANDLER};[await] TCP db:5432;[blocked];GET /report;${REPORT};${ADD} 1000`),
].join('\n')

/** In µs. */
interface Time {
  readonly own: number
  readonly inTheWay: number
}

const ONE: Time = { own: 3_000, inTheWay: 90_000 }
const MERGED: Time = { own: 51 * 3_000, inTheWay: 51 * 90_000 }

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-own-'))
  mkdirSync(join(cwd, 'all'))
  for (let i = 0; i <= 50; i++) writeDump(`all/${i}.cpuprofile`, SEARCH, '/search')
  writeDump('one.cpuprofile', SEARCH, '/search')
  writeDump('report.cpuprofile', Array(95).fill(`${REPORT};${ADD} 1000`).join('\n'), '/report')
  ran(['merge', 'all', '-o', 'merged.cpuprofile'])
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** How long `add` itself took, as each output has it. */
const OUTPUTS: Readonly<Record<string, (file: string) => Time>> = {
  show: (file) => inTree(ran(['show', file])),
  'show --all': (file) => inTree(ran(['show', file, '--all'])),
  'show --md': (file) => inTree(ran(['show', file, '--md'])),
  'show --invert': (file) => inTree(ran(['show', file, '--invert'])),
  'show --flat': (file) => inFlat(ran(['show', file, '--flat'])),
  'the page’s functions': (file) => inFunctions(readProfileFile(join(cwd, file))),
  'diff --json': (file) =>
    inDiff(JSON.parse(ran(['diff', 'report.cpuprofile', '--json', '--', file]))),
  'show --json': (file) => inJson(JSON.parse(ran(['show', file, '--json'])).tree),
  'pprof, wall': (file) => inPprof(file, 'wall'),
  speedscope: (file) => inSpeedscope(JSON.parse(converted(file, 'speedscope.json').toString())),
  'Firefox Profiler': (file) => inFirefox(JSON.parse(converted(file, 'firefox.json').toString())),
  collapsed: (file) => inCollapsed(converted(file, 'collapsed.txt').toString()),
  'pprof, read again': (file) => readAgain(file, 'pb.gz'),
  'speedscope, read again': (file) => readAgain(file, 'speedscope.json'),
}

describe.each(Object.entries(OUTPUTS))('own is 3 %% in %s', (_name, timeIn) => {
  test('of one request', () => expect(timeIn('one.cpuprofile')).toEqual(ONE))
  test('merged with 50 others', () => expect(timeIn('merged.cpuprofile')).toEqual(MERGED))
})

describe('the cpu of pprof', () => {
  test('is nobody else’s', () => {
    expect(inPprof('one.cpuprofile', 'cpu')).toEqual({ ...ONE, inTheWay: 0 })
    expect(inPprof('merged.cpuprofile', 'cpu')).toEqual({ ...MERGED, inTheWay: 0 })
  })

  test('has each microsecond of the thread once, merged with who was in the way', () => {
    ran(['merge', 'all', 'report.cpuprofile', '-o', 'everybody.cpuprofile'])
    expect(inPprof('everybody.cpuprofile', 'cpu').own).toBe(MERGED.own + 95_000)
  })
})

const hasGo = spawnSync('go', ['version']).status === 0
describe.skipIf(!hasGo)(`go tool pprof -top${hasGo ? '' : ' (there is no go here)'}`, () => {
  test.each(['one', 'merged'])('of %s', (name) => {
    const file = `${name}.cpuprofile`
    const expected = name === 'one' ? ONE : MERGED
    expect(inTop(file, 'wall')).toEqual(expected)
    expect(inTop(file, 'cpu')).toEqual({ ...expected, inTheWay: 0 })
  })
})

// --- internal ---

function writeDump(file: string, lines: string, route: string): void {
  const dump = dumpOf(file, lines)
  const own = lines.split('\n').filter((line) => !line.includes('[')).length
  const meta: DumpMeta = {
    ...dump.sources[0]!,
    request: { method: 'GET', route, status: 200, aborted: false },
    samples: own,
    ledger: ledgerOf([dump]),
  }
  const bytes = encodeProfile({ ...dump, name: `GET ${route}`, sources: [meta] }, 'cpuprofile')
  writeFileSync(join(cwd, file), bytes)
}

function ran(args: readonly string[]): string {
  const { code, out, err } = profview(args, { cwd })
  expect([code, err]).toEqual([0, ''])
  return out
}

function converted(file: string, extension: string): Buffer {
  ran(['convert', file, '-o', `out.${extension}`])
  return readFileSync(join(cwd, `out.${extension}`))
}

function readAgain(file: string, extension: string): Time {
  converted(file, extension)
  return inTree(ran(['show', `out.${extension}`]))
}

/** By names, as tools sum: `self` gives the last frame of each sample and its time. */
function byName(self: Iterable<readonly [name: string, micros: number]>): Time {
  const times = new Map<string, number>()
  for (const [name, micros] of self) times.set(name, (times.get(name) ?? 0) + micros)
  return { own: times.get('add') ?? 0, inTheWay: times.get('add [in the way]') ?? 0 }
}

/** Of a tree as text: what is below `[blocked]` was in the way. */
function inTree(text: string): Time {
  const sum = { own: 0, inTheWay: 0 }
  let blockedAt = Number.POSITIVE_INFINITY
  for (const line of text.split('\n')) {
    const [, indent, time, name] = /^(\D*)([\d.]+ m?s) {2}(\S+)/.exec(line) ?? []
    if (name === undefined) continue
    const depth = indent!.length
    if (depth <= blockedAt) blockedAt = name === '[blocked]' ? depth : Number.POSITIVE_INFINITY
    if (name === 'add') sum[depth > blockedAt ? 'inTheWay' : 'own'] += microsOf(time!)
  }
  return sum
}

/** Own time is `self`, the third time is what was in the way. */
function inFlat(text: string): Time {
  const line = text.split('\n').find((each) => / add( |$)/.test(each))!
  const [own, , inTheWay] = line.match(/[\d.]+ m?s/g)!.map(microsOf)
  return { own: own!, inTheWay: inTheWay! }
}

function inFunctions(profile: Profile): Time {
  const { table } = buildFunctionsModel(profile)
  const add = profile.frames.findIndex(({ name }) => name === 'add')
  return { own: table.self[add]!, inTheWay: table.inTheWay[add]! }
}

interface Difference {
  readonly after: { readonly requests: number }
  readonly functions: readonly {
    readonly name: string
    readonly afterMicros: number
    readonly inTheWay: { readonly afterMicros: number } | null
  }[]
}

function inDiff({ after, functions }: Difference): Time {
  const { afterMicros, inTheWay } = functions.find(({ name }) => name === 'add')!
  return {
    own: afterMicros * after.requests,
    inTheWay: inTheWay!.afterMicros * after.requests,
  }
}

interface JsonNode {
  readonly name: string
  readonly kind: string
  readonly selfMicros: number
  readonly children: readonly JsonNode[]
}

function inJson(node: JsonNode, isInTheWay = false): Time {
  const micros = node.name === 'add' ? node.selfMicros : 0
  const sum = { own: isInTheWay ? 0 : micros, inTheWay: isInTheWay ? micros : 0 }
  for (const child of node.children) {
    const { own, inTheWay } = inJson(child, isInTheWay || node.kind === 'blocked')
    sum.own += own
    sum.inTheWay += inTheWay
  }
  return sum
}

function inPprof(file: string, type: 'cpu' | 'wall'): Time {
  const bytes = gunzipSync(converted(file, 'pb.gz'))
  const {
    stringTable,
    sampleType,
    sample,
    location,
    function: functions,
  } = PprofProfile.decode(bytes)
  const text = (index: number | bigint) => stringTable.strings[Number(index)]!
  const column = sampleType.findIndex((each) => text(each.type) === type)
  const named = new Map(functions.map(({ id, name }) => [id, text(name)]))
  const names = new Map(location.map(({ id, line }) => [id, named.get(line[0]!.functionId)!]))
  return byName(
    sample.map(({ locationId, value }) => {
      return [names.get(locationId[0]!)!, Number(value[column]!) / 1000] as const
    }),
  )
}

function inTop(file: string, type: 'cpu' | 'wall'): Time {
  converted(file, 'pb.gz')
  const args = ['tool', 'pprof', '-top', '-unit=us', `-sample_index=${type}`, 'out.pb.gz']
  const { stdout } = spawnSync('go', args, { cwd, encoding: 'utf8' })
  return byName(
    stdout.split('\n').flatMap((line) => {
      const [, micros, name] = /^ *(\d+)(?:us)? .*% (?:.*%) {2}(.*)$/.exec(line) ?? []
      return name === undefined ? [] : [[name, Number(micros)] as const]
    }),
  )
}

interface SpeedscopeFile {
  readonly shared: { readonly frames: readonly { readonly name: string }[] }
  readonly profiles: readonly { samples: number[][]; weights: number[] }[]
}

/** The first profile is the one of all together, where there are several. */
function inSpeedscope({ shared, profiles }: SpeedscopeFile): Time {
  const { samples, weights } = profiles[0]!
  return byName(
    samples.map((stack, i) => [shared.frames[stack.at(-1)!]!.name, weights[i]!] as const),
  )
}

function inFirefox({ threads }: FirefoxFile): Time {
  return byName(
    threads.flatMap((thread) => {
      const { stack, weight } = thread.samples
      return stack.map((at, i) => {
        return [stackNames(thread, at).at(-1)!, Math.round(weight[i]! * 1000)] as const
      })
    }),
  )
}

function inCollapsed(text: string): Time {
  return byName(
    text.split('\n').flatMap((line) => {
      const [, name, micros] = /([^;]*?)(?: \([^;]*\))? (\d+)$/.exec(line) ?? []
      return name === undefined ? [] : [[name, Number(micros)] as const]
    }),
  )
}

function microsOf(text: string): number {
  const [number, unit] = text.split(' ')
  return Math.round(Number(number) * (unit === 's' ? 1e6 : 1e3))
}
