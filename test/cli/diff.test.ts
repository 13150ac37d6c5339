import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/dumps.js'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-diff-'))
  for (let i = 0; i < 4; i++) {
    const time = 10_010 + 100 * i
    const other = { request: { method: 'GET', route: '/y', status: 200, aborted: false } }
    const before = `main@/a/x.js:1;f@/a/x.js:5 ${time}\nmain@/a/x.js:1;[await] timer 20000`
    const after = `main@/a/x.js:1;f@/a/x.js:7 ${time}\nmain@/a/x.js:1;g@/a/x.js:3 5000\nmain@/a/x.js:1;[await] timer 19900`
    const facts = { samples: 100 }
    writeProfileFile(join(cwd, `before${i}.cpuprofile`), dumpOf(`b${i}`, before, facts))
    writeProfileFile(join(cwd, `after${i}.cpuprofile`), dumpOf(`a${i}`, after, facts))
    writeProfileFile(
      join(cwd, `y${i}.cpuprofile`),
      dumpOf(`y${i}`, 'h@/a/y.js:1 9000\n[await] timer 12000', other),
    )
  }
  for (const [side, own, others] of [
    ['alone', 3000, 0],
    ['held', 3100, 90_000],
  ] as const) {
    const facts = { samples: 50 }
    for (let i = 0; i < 3; i++) {
      const lines = `main@/a/x.js:1;add@/a/x.js:5 ${own + i * 100}
        main@/a/x.js:1;[await] timer 20000
        main@/a/x.js:1;[await] timer;[blocked];GET /r;render@/a/r.js:2;add@/a/x.js:5 ${others}`
      const name = `${side}${i}.cpuprofile`
      writeProfileFile(join(cwd, name), dumpOf(`${side}${i}`, lines, facts))
    }
  }
  writeFileSync(join(cwd, 'bad.cpuprofile'), '{"nodes":')
  writeFileSync(join(cwd, 'counts.collapsed.txt'), 'main;f 3\n')
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const files = (side: string) => [0, 1, 2, 3].map((i) => `${side}${i}.cpuprofile`)
const BEFORE = files('before')
const AFTER = files('after')

test('shows what got slower, per request', () => {
  expect(profview(['diff', ...BEFORE, '--', ...AFTER], { cwd })).toEqual({
    code: 0,
    out: `\
GET /x  before 30.2 ms (4 requests, 400 samples) -> after 35.1 ms (4 requests, 400 samples): +4.90 ms per request

  change   before    after     samples          function
+5.00 ms     0 ms  5.00 ms    0 -> 132  slower  g  x.js:3
+4.90 ms  30.2 ms  35.1 ms  400 -> 400  slower  main  x.js:1

+4.90 ms  main  x.js:1
\`- +5.00 ms  g  x.js:3
`,
    err: '',
  })
})

test('takes options on either side, and selects requests on both', () => {
  const mixed = ['diff', '--md', ...BEFORE, 'y0.cpuprofile', '--', ...AFTER, '--route', 'GET /x']
  expect(profview([...mixed, '--threshold', '0.1'], { cwd })).toEqual({
    code: 0,
    out: `\
### \`GET /x\`: 30.2 ms → 35.1 ms, +4.90 ms per request

before: 4 requests, 400 samples · after: 4 requests, 400 samples

| change | before | after | samples |  | function |
| ---: | ---: | ---: | ---: | --- | --- |
| +5.00 ms | 0 ms | 5.00 ms | 0 → 132 | slower | g  x.js:3 |
| +4.90 ms | 30.2 ms | 35.1 ms | 400 → 400 | slower | main  x.js:1 |

\`\`\`text
+4.90 ms  main  x.js:1
└─ +5.00 ms  g  x.js:3
\`\`\`
`,
    err: '',
  })
})

const ALONE = [0, 1, 2].map((i) => `alone${i}.cpuprofile`)
const HELD = [0, 1, 2].map((i) => `held${i}.cpuprofile`)

test('what others ran meanwhile is no change of a function’s own', () => {
  const { out } = profview(['diff', ...ALONE, '--', ...HELD, '--threshold', '0.0001'], { cwd })
  expect(out).toBe(`\
GET /x  before 23.1 ms (3 requests, 150 samples) -> after 113 ms (3 requests, 150 samples): +90.1 ms per request

  change   before    after     samples               in the way          function
+90.1 ms  23.1 ms   113 ms  150 -> 150  slower                           main  x.js:1
+90.0 ms  20.0 ms   110 ms              slower                           [await] timer
+90.0 ms     0 ms  90.0 ms              slower                           [blocked]
+0.10 ms  3.10 ms  3.20 ms  150 -> 150  cannot tell    +90.0 ms  slower  add  x.js:5
                                                       +90.0 ms  slower  GET /r
                                                       +90.0 ms  slower  render  r.js:2

+90.1 ms  main  x.js:1
|- +90.0 ms  [await] timer
|  \`- +90.0 ms  [blocked]
|     \`- +90.0 ms  GET /r
|        \`- +90.0 ms  render  r.js:2
|           \`- +90.0 ms  add  x.js:5
\`- +0.10 ms  add  x.js:5
`)
  const md = profview(['diff', ...ALONE, '--md', '--', ...HELD], { cwd }).out
  expect(md.split('\n').slice(4, 12)).toEqual([
    '| change | before | after | samples |  | in the way |  | function |',
    '| ---: | ---: | ---: | ---: | --- | ---: | --- | --- |',
    '| +90.1 ms | 23.1 ms | 113 ms | 150 → 150 | slower |  |  | main  x.js:1 |',
    '| +90.0 ms | 20.0 ms | 110 ms |  | slower |  |  | \\[await\\] timer |',
    '| +90.0 ms | 0 ms | 90.0 ms |  | slower |  |  | \\[blocked\\] |',
    '| +0.10 ms | 3.10 ms | 3.20 ms | 150 → 150 | cannot tell | +90.0 ms | slower | add  x.js:5 |',
    '|  |  |  |  |  | +90.0 ms | slower | GET /r |',
    '|  |  |  |  |  | +90.0 ms | slower | render  r.js:2 |',
  ])
  const json = profview(['diff', ...ALONE, '--json', '--', ...HELD], { cwd }).out
  const add = JSON.parse(json).functions.find(({ name }: { name: string }) => name === 'add')
  expect(add).toMatchObject({
    ...{ beforeMicros: 3100, afterMicros: 3200, changeMicros: 100, verdict: 'cannot tell' },
    inTheWay: { beforeMicros: 0, afterMicros: 90_000, changeMicros: 90_000, verdict: 'slower' },
  })
})

test('paints slower red and faster green', () => {
  const { out } = profview(['diff', ...AFTER, '--', ...BEFORE], { cwd, env: { FORCE_COLOR: '1' } })
  expect(out).toContain('\x1b[32m-4.90 ms\x1b[0m  \x1b[1mmain\x1b[0m')
  const there = profview(['diff', ...BEFORE, '--', ...AFTER], { cwd, env: { FORCE_COLOR: '1' } })
  expect(there.out).toContain('\x1b[31m+4.90 ms\x1b[0m  \x1b[1mmain\x1b[0m')
})

test('is data with --json', () => {
  const { out } = profview(['diff', 'before0.cpuprofile', '--', 'after0.cpuprofile', '--json'], {
    cwd,
  })
  const { functions, tree, ...facts } = JSON.parse(out)
  expect(facts).toEqual({
    unit: 'microseconds',
    before: { name: 'GET /x', requests: 1, samples: 100, perRequestMicros: 30_010 },
    after: { name: 'GET /x', requests: 1, samples: 100, perRequestMicros: 34_910 },
    changeMicros: 4_900,
    verdict: 'cannot tell',
    warnings: [],
  })
  const place = { kind: 'app', file: '/a/x.js', column: 0 }
  const g = {
    ...{ ...place, name: 'g', line: 3, beforeMicros: 0, afterMicros: 5_000, changeMicros: 5_000 },
    ...{ samplesBefore: 0, samplesAfter: 33, verdict: 'slower' },
  }
  expect(functions[0]).toEqual({ ...g, inTheWay: null })
  expect(functions.map(({ name }: { name: string }) => name)).toEqual([
    ...['g', '(root)', 'main', '[await] timer'],
  ])
  const [main] = tree.children
  expect(main.children[0]).toEqual({ ...g, children: [] })
  expect(main.children.map(({ name }: { name: string }) => name)).toEqual([
    ...['g', 'f', '[await] timer'],
  ])
  expect(main.children[1]).toMatchObject({ line: 7, changeMicros: 0, samplesAfter: 67 })
})

test('says so where nothing differs, and where it cannot tell', () => {
  expect(profview(['diff', ...BEFORE, '--', ...BEFORE], { cwd }).out).toBe(
    `GET /x  before 30.2 ms (4 requests, 400 samples) -> after 30.2 ms (4 requests, 400 samples): 0 ms per request\n\nNo difference.\n`,
  )
  const { out } = profview(['diff', 'before0.cpuprofile', '--', 'y0.cpuprofile'], { cwd })
  expect(out.split('\n')[0]).toBe(
    'GET /x -> GET /y  before 30.0 ms (1 request, 100 samples) -> after 21.0 ms (1 request, 2 samples): -9.01 ms per request (cannot tell it from noise)',
  )
})

test('goes on after a bad input, but not without a side', () => {
  const one = profview(['diff', 'bad.cpuprofile', ...BEFORE, '--', ...AFTER], { cwd })
  expect([one.code, one.out.slice(0, 6), one.err.split('\n').length]).toEqual([1, 'GET /x', 2])
  const none = profview(['diff', 'bad.cpuprofile', '--', ...AFTER], { cwd })
  expect([none.code, none.out, none.err.split('\n').length]).toEqual([1, '', 2])
  expect(profview(['diff', ...BEFORE, '--', 'counts.collapsed.txt'], { cwd })).toEqual({
    code: 1,
    out: '',
    err: 'profview: cannot compare microseconds with samples\n',
  })
})

test.each([
  [['a', 'b'], 'nothing to compare with; put -- between the two sides'],
  [['--', 'b'], 'no paths before --'],
  [['a', '--'], 'no paths after --'],
  [['--json', '--', 'b'], 'no paths before --'],
])('%j is bad usage', (args, reason) => {
  const usage = 'profview diff <before...> -- <after...>'
  expect(profview(['diff', ...args], { cwd })).toEqual({
    code: 2,
    out: '',
    err: `profview: ${reason}: ${usage}\n`,
  })
})

test('takes no options twice over', () => {
  expect(profview(['diff', 'a', '--', 'b', '--json', '--md'], { cwd })).toEqual({
    code: 2,
    out: '',
    err: "profview: option '--md' cannot be used with option '--json'\n",
  })
})
