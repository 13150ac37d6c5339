/**
 * Every tool's profiles, read by ours and by others: a calculation that uses none of our code,
 * speedscope's own importer, and `go tool pprof` where that is installed. The table of the document
 * is that of the test.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import { decodeProfile, isGzip } from '../../src/formats/registry.js'
import type { Profile } from '../../src/profile/profile.js'
import { useBrowser } from '../support/browser.js'
import { temporaryDirectory } from '../support/shop.js'
import type { Recording } from '../support/tools/recordings.js'
import { type Speedscope, serveSpeedscope } from '../support/tools/speedscope-page.js'
import { sumsOf } from '../support/tools/sums.js'
import { TOOLS, type Tool } from '../support/tools/table.js'
import { sumsOfPprof } from './independent/pprof.js'
import { sumsOfSpeedscope } from './independent/speedscope.js'
import { increase, keyOf, type Sums } from './independent/sums.js'

const browser = useBrowser()
let speedscope: Speedscope
beforeAll(async () => {
  speedscope = await serveSpeedscope()
})
afterAll(() => speedscope.close())

describe('has the times that the file has, and that speedscope reads:', () => {
  for (const each of TOOLS) {
    test(`${each.tool}, of ${each.from}`, async () => {
      const files = (await each.files(await browser.open())).map(unpacked)
      expect(files).not.toEqual([])
      for (const file of files) {
        const sums = each.judge(file.bytes)
        const profile = decodeProfile(file.bytes, file.name)
        expect(sums.self.size).toBeGreaterThan(1)
        expect(sumsOf(profile, each.by)).toEqual(sums)
        if (each.speedscope === 'no') continue
        const exported = await speedscope.exportOf(browser.now, file)
        expect(selfOf(sumsOfSpeedscope(exported), each)).toEqual(
          selfOf(each.judge(file.bytes, 'speedscope'), each),
        )
      }
    })
  }
})

test('speedscope’s export is read as it is', async () => {
  const node = TOOLS.find(({ tool }) => tool.startsWith('Node `--cpu-prof`'))!
  for (const file of await node.files(await browser.open())) {
    const exported = await speedscope.exportOf(await browser.open(), file)
    const profile = decodeProfile(Buffer.from(exported), 'exported.speedscope.json')
    expect(sumsOf(profile)).toEqual(sumsOfSpeedscope(exported))
  }
})

const GO = spawnSync('go', ['version']).status === 0
if (!GO) console.warn('skipped: go tool pprof, because there is no go')
test.skipIf(!GO)('Go’s pprof has the same times', () => {
  const { dir, remove } = temporaryDirectory()
  onTestFinished(remove)
  for (const { files } of TOOLS.filter(({ writes }) => writes.startsWith('pprof'))) {
    for (const { name, bytes } of withoutPage(files)) {
      writeFileSync(join(dir, name), bytes)
      const args = ['tool', 'pprof', '-top', '-unit=us', '-nodefraction=0', '-nodecount=9999', name]
      const top = execFileSync('go', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' })
      const { self, whole } = sumsOfPprof(bytes, (name) => name)
      const rows = [...whole].map(([name, time]) => `${name} ${self.get(name) ?? 0} ${time}`)
      expect(rowsOf(top).sort()).toEqual(rows.sort())
    }
  }
})

test('the table of functions has the same times as the samples', () => {
  for (const { files } of TOOLS.filter(({ from }) => from === 'fixture')) {
    for (const file of withoutPage(files)) {
      const { name, bytes } = unpacked(file)
      const profile = decodeProfile(bytes, name)
      const { self, whole } = sumsOf(profile)
      const table = buildFunctionTable(profile)
      expect(byPlace(profile, table.self)).toEqual(self)
      expect(byPlace(profile, table.total)).toEqual(whole)
    }
  }
})

test('docs/formats.md has the table of the tools', () => {
  const rows = TOOLS.map(
    ({ tool, writes, reads, from }) => `| ${tool} | ${writes} | ${reads} | ${from} |`,
  )
  const document = readFileSync(join(import.meta.dirname, '../../docs/formats.md'), 'utf8')
  expect(document.split('\n').filter((line) => rows.includes(line))).toEqual(rows)
})

// --- internal ---

/** Of tools that need no browser. */
function withoutPage(files: Tool['files']): readonly Recording[] {
  return (files as () => readonly Recording[])()
}

/** `name self total` of each line of `-top`, which has columns and shares between them. */
function rowsOf(top: string): string[] {
  return top
    .slice(top.indexOf('cum%'))
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [self = '', , , total = '', , ...name] = line.trim().split(/ +/)
      const named = name.join(' ').replace(/ \((partial-)?inline\)$/, '')
      return `${named} ${Number.parseFloat(self)} ${Number.parseFloat(total)}`
    })
}

function unpacked({ name, bytes }: Recording): Recording {
  return { name, bytes: isGzip(bytes) ? gunzipSync(bytes) : bytes }
}

/** By what speedscope knows of a function, without what it does not show: what is idle. */
function selfOf({ self }: Sums, { speedscope }: Tool): Map<string, number> {
  const known = new Map<string, number>()
  for (const [key, time] of self) {
    // Functions without a name have a place in theirs, by speedscope or by who wrote the file.
    const [, name, file] = /^(.*?) ([^ ]*)$/s.exec(
      key.replace(/^\(anonymous[ :][^)]*\)/, '(anonymous)'),
    )!
    const place = speedscope === undefined ? file! : file!.replace(/:\d+:\d+$/, '')
    increase(known, speedscope === 'names' ? name! : `${name} ${place}`, time)
  }
  for (const [key, time] of known) {
    if (time === 0 || /^(\(idle\)|\(root\)|\[unknown\])( |$)/.test(key)) known.delete(key)
  }
  return known
}

function byPlace({ frames }: Profile, times: Float64Array): Map<string, number> {
  const sums = new Map<string, number>()
  frames.forEach(({ name, file, line, column }, i) => {
    if (times[i] !== 0 && name !== '(root)') sums.set(keyOf(name, file, line, column), times[i]!)
  })
  return sums
}
