/** The time of a request is in its process's dump as well: kinds of dumps are never summed. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import type { Kind } from '../../src/profile/kinds.js'
import type { Profile } from '../../src/profile/profile.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/dumps.js'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-kinds-'))
  const one = (kind: Kind, id: string, micros: number) => {
    const request = { method: 'GET', route: '/x', status: 200, aborted: false }
    const facts = { kind, request: kind === 'request' ? request : null }
    return dumpOf(id, `${kind} ${micros}`, facts)
  }
  const dumps = {
    a: one('request', 'a', 3000),
    b: one('process', 'b', 90_000),
    c: one('request', 'c', 4000),
    d: one('process', 'd', 80_000),
    e: one('stall', 'e', 700_000),
  }
  write('all', dumps)
  write('processes', { b: dumps.b, d: dumps.d })
  write('.', { mixed: mergeProfiles([dumps.a, dumps.b]) })
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('a directory means its requests, and one note says what it has besides', () => {
  const left = '2 process dumps and 1 stall dump left out: --kind process or --kind stall'
  expect(shown('all')).toEqual({ code: 0, tree: ['7.00 ms  request'], err: [`all: ${left}`] })
  expect(profview(['merge', 'all', '-o', 'sum.pb.gz'], { cwd })).toEqual({
    code: 0,
    out: 'sum.pb.gz: 2 profiles, 7.00 ms\n',
    err: `profview: all: ${left}\n`,
  })
  const diff = profview(['diff', 'all', '--', 'all/a.cpuprofile'], { cwd })
  expect([diff.code, diff.err]).toEqual([0, `profview: all: ${left}\n`])
  expect(diff.out).toContain('before 3.50 ms (2 requests')
})

test('whoever says what is meant needs no note', () => {
  const none = { code: 0, err: [] }
  expect(shown('all', '--kind', 'process')).toEqual({ ...none, tree: ['170 ms  process'] })
  expect(shown('all', '--kind', 'stall')).toEqual({ ...none, tree: ['700 ms  stall'] })
  expect(shown('all', '--route', 'GET /x')).toEqual({ ...none, tree: ['7.00 ms  request'] })
  expect(shown('processes', '--kind', 'all')).toEqual({ ...none, tree: ['170 ms  process'] })
  expect(shown('all/b.cpuprofile')).toEqual({ ...none, tree: ['90.0 ms  process'] })
})

test('one line says which kind there is where the one that is meant is not', () => {
  const refused = (fact: string) => ({ code: 1, tree: [], err: [fact] })
  expect(shown('processes')).toEqual(
    refused('processes: no requests in this directory, but 2 process dumps: --kind process'),
  )
  expect(shown('all', '--kind', 'function')).toEqual(
    refused(
      'all: no function dumps in this directory, but 2 requests, 2 process dumps and 1 stall dump: --kind request or --kind process or --kind stall',
    ),
  )
  expect(shown('all/a.cpuprofile', '--kind', 'process')).toEqual(
    refused('nothing matches --kind process; there are: request'),
  )
})

test('kinds are never summed, whoever names the files', () => {
  const fact = 'requests and process dumps are never summed'
  const line = `all/b.cpuprofile: ${fact}: choose with --kind request or --kind process`
  const refused = { code: 1, tree: [], err: [line] }
  const files = ['a', 'b', 'c'].map((name) => `all/${name}.cpuprofile`)
  expect(shown(...files)).toEqual(refused)
  expect(shown('all/a.cpuprofile', '--kind', 'all', 'all/b.cpuprofile')).toEqual(refused)
  expect(shown(...files, '--kind', 'request')).toEqual({
    ...{ code: 0, err: [] },
    tree: ['7.00 ms  request'],
  })
  expect(profview(['merge', 'all', '--kind', 'all', '-o', 'no.pb.gz'], { cwd }).code).toBe(1)
  expect(readdirSync(cwd)).not.toContain('no.pb.gz')
})

test('what was summed before there was a rule is taken apart', () => {
  expect(shown('mixed.cpuprofile').err).toEqual([
    'mixed.cpuprofile: requests and process dumps are never summed: choose with --kind request or --kind process',
  ])
  expect(shown('mixed.cpuprofile', '--kind', 'process')).toEqual({
    ...{ code: 0, err: [] },
    tree: ['90.0 ms  process'],
  })
})

test('what sums nothing has all kinds', () => {
  const listed = (...args: string[]) => {
    const { out, err } = profview(['list', ...args], { cwd })
    return [out.split('\n').slice(1, -1).length, err]
  }
  expect(listed('all')).toEqual([5, ''])
  expect(listed('all', '--kind', 'process')).toEqual([2, ''])
  expect(listed('processes', '--kind', 'request')).toEqual([
    ...[0, 'profview: no requests in processes\n'],
  ])
  const json = profview(['list', 'all', '--json', '--kind', 'stall'], { cwd }).out
  expect(JSON.parse(json)).toMatchObject([{ id: 'e', kind: 'stall' }])
  const page = profview(['convert', 'all', '--kind', 'all', '-o', 'all.html'], { cwd })
  expect(page).toEqual({ code: 0, out: '', err: '' })
})

test('a kind that does not exist is bad usage', () => {
  expect(profview(['show', 'all', '--kind', 'job'], { cwd })).toMatchObject({
    code: 2,
    err: expect.stringContaining("'job' is invalid. Allowed choices are request, process, "),
  })
})

// --- internal ---

function write(dir: string, profiles: Readonly<Record<string, Profile>>): void {
  mkdirSync(join(cwd, dir), { recursive: true })
  for (const [name, profile] of Object.entries(profiles)) {
    writeFileSync(join(cwd, dir, `${name}.cpuprofile`), encodeProfile(profile, 'cpuprofile'))
  }
}

/** The lines of the tree, and what is said of it. */
function shown(...args: string[]) {
  const { code, out, err } = profview(['show', ...args], { cwd })
  const tree = out.split('\n').filter((line) => /^[\d.]+ ms {2}/.test(line))
  const said = err.split('\n').slice(0, -1)
  return { code, tree, err: said.map((line) => line.replace(/^profview: /, '')) }
}
