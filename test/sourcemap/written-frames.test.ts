/** Recorded functions and the files that they may be from: the source's names, or none but V8's. */
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Frame } from '../../src/profile/profile.js'
import { WrittenFrames } from '../../src/sourcemap/written-frames.js'
import { temporaryDirectory } from '../support/shop.js'

const { dir, remove } = temporaryDirectory()
afterAll(remove)

const STARTED = Date.parse('2026-01-02')
const TEXT = `import { app } from './app.js'

async function load(id) {
  return await new Promise((resolve) => {
    setTimeout(resolve, id)
  })
}
app.get('/users/:id', async (req) => load(req.id))
`
const RECORDED: [name: string, line: number, column: number][] = [
  ['(anonymous)', 1, 1],
  ['load', 3, 1],
  ['app.get', 8, 23],
  ['total', 4, 28],
]

function write(name: string, text = TEXT, time = '2026-01-01'): string {
  const file = join(dir, name)
  writeFileSync(file, text)
  utimesSync(file, new Date(time), new Date(time))
  return file
}

/** `name:line:column` as they are written. */
function namesIn(file: string, recorded = RECORDED, written = new WrittenFrames(STARTED)) {
  return written
    .of(recorded.map(([name, line, column]): Frame => ({ name, file, line, column })))
    .map(({ name, line, column }) => `${name}:${line}:${column}`)
}
const AS_RECORDED = RECORDED.map((each) => each.join(':'))
const AS_WRITTEN = ['(anonymous):1:1', 'load:3:20', '(GET /users/:id):8:23', '(anonymous):4:28']

test('functions are called what the file says, and begin where V8 has them begin', () => {
  expect(namesIn(write('app.js'))).toEqual([...AS_WRITTEN.slice(0, 3), 'total:4:28'])
  const guessed = RECORDED.map(([, line, column]) => ['resolve', line, column] as const)
  expect(namesIn(write('b.mjs'), [RECORDED[1]!, [...guessed[3]!]])[1]).toBe('(anonymous):4:28')
})

test('of TypeScript, as Node runs it, one name at least must agree', () => {
  expect(namesIn(write('a.ts'))[2]).toBe('(GET /users/:id):8:23')
  expect(namesIn(write('b.ts'), RECORDED.slice(2))).toEqual(AS_RECORDED.slice(2))
  const text = 'const burn = (ms: number): void => {}\napp.get("/", () => burn(1))\n'
  const recorded: typeof RECORDED = [
    ['burn', 1, 14],
    ['app', 2, 14],
  ]
  expect(namesIn(write('c.ts', text), recorded)).toEqual(['burn:1:14', '(GET /):2:14'])
})

test('of a file that was compiled before it ran, nothing is better known', () => {
  const file = write('compiled.mjs')
  const elsewhere = RECORDED.map(([name, line, column]): [string, number, number] =>
    line === 1 ? [name, line, column] : [name, line + 1, column + 3],
  )
  expect(namesIn(file, elsewhere)).toEqual(elsewhere.map((each) => each.join(':')))
})

test('one whose names do not agree was compiled too', () => {
  const file = write('other-names.mjs', 'function a() {}\nfunction b() {}\n')
  const recorded: typeof RECORDED = [
    ['b', 1, 11],
    ['c', 2, 11],
  ]
  expect(namesIn(file, recorded)).toEqual(['b:1:11', 'c:2:11'])
})

test('what is from a later text, gone, another’s, or nowhere is left alone', () => {
  const gone = write('gone.js')
  rmSync(gone)
  const files = [write('late.js', TEXT, '2026-01-03'), gone, '', 'node:fs', 'app.js', dir]
  for (const file of files) expect(namesIn(file)).toEqual(AS_RECORDED)
})

test('where a map has led, its text has the name', () => {
  const file = write('mapped.mts')
  const generated = { name: 'r', file, line: 2, column: 900 }
  const frames = new WrittenFrames(STARTED).of([
    { name: 'r', file, line: 8, column: 23, generated },
    { name: 'load', file, line: 3, column: 1, generated },
  ])
  expect(frames.map(({ name, column }) => `${name}:${column}`)).toEqual([
    '(GET /users/:id):29',
    'load:16',
  ])
  expect(frames[0]!.generated).toEqual(generated)
})
