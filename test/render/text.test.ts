import { describe, expect, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { Profile } from '../../src/profile/profile.js'
import { flatLines } from '../../src/render/flat.js'
import { headerOf } from '../../src/render/header.js'
import { jsonChunks } from '../../src/render/json.js'
import { renderMarkdown } from '../../src/render/markdown.js'
import { renderText } from '../../src/render/text.js'
import { timelineLines } from '../../src/render/timeline.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf } from '../support/meta.js'
import { profileFrom } from '../support/trees.js'

const REQUEST = dumpOf(
  `
  emit@node:events:1;handle@/srv/node_modules/express/a.js:1;next@/srv/node_modules/router/b.js:2;run@/srv/node_modules/router/c.js:3;user@/srv/src/user.js:42;load@/srv/src/db.js:7;[await] TCP 127.0.0.1:5432 380000
  emit@node:events:1;handle@/srv/node_modules/express/a.js:1;next@/srv/node_modules/router/b.js:2;run@/srv/node_modules/router/c.js:3;user@/srv/src/user.js:42;[blocked];GET /report;render@/srv/src/report.js:9 150000
  emit@node:events:1;handle@/srv/node_modules/express/a.js:1;next@/srv/node_modules/router/b.js:2;run@/srv/node_modules/router/c.js:3;user@/srv/src/user.js:42 61200
  (garbage collector) 2100
  [profiler] 400
  [unknown] 100
  `,
  {
    durationMicros: 593_800,
    ledger: {
      cpu: 61_200,
      gc: 2_100,
      offcpu: 0,
      await: 380_000,
      blocked: 150_000,
      profiler: 400,
      unknown: 100,
    },
  },
)

const jsonOf = (profile: Profile) => [...jsonChunks(profile)].join('')

describe('the call tree', () => {
  test('reads like this', () => {
    expect(renderText(REQUEST)).toBe(`\
GET /users/:id -> 200  594 ms
2026-11-20 14:01:02 UTC - worker 2, pid 4711 - Node 24.1.0 - 100 samples, one every 1 ms - own samples only
cpu 61.2 ms (10 %) - gc 2.10 ms (0.4 %) - await 380 ms (64 %) - blocked 150 ms (25 %) - profiler 0.40 ms (0.1 %) - unknown 0.10 ms (<0.1 %)

Waiting: 380 of 594 ms on TCP 127.0.0.1:5432, from load (src/db.js:7).
Blocked 150 ms by GET /report in render (src/report.js:9).
CPU: 100 % of 61.2 ms in user (src/user.js:42); 100 samples, +- 4 %.

591 ms  emit  node:events:1
\`- 591 ms  [2 frames hidden] express, router
   \`- 591 ms  run  router/c.js:3
      \`- 591 ms  user  src/user.js:42
         |- 380 ms  load  src/db.js:7
         |  \`- 380 ms  [await] TCP 127.0.0.1:5432
         |- 150 ms  [blocked]
         |  \`- 150 ms  GET /report
         |     \`- 150 ms  render  src/report.js:9
         \`- 61.2 ms  [self]
`)
  })

  test('has strokes and colours where the screen has them', () => {
    const profile = profileFrom(
      'main@/a/x.js:1;f@/a/x.js:2 60000\nmain@/a/x.js:1;g@/a/x.js:3 40000',
    )
    expect(renderText(profile, { unicode: true, cwd: '/a' }).split('\n').slice(2)).toEqual([
      '',
      'CPU: 60 % of 100 ms in f (x.js:2); 2 samples, ± 47 %.',
      '',
      '100 ms  main  x.js:1',
      '├─ 60.0 ms  f  x.js:2',
      '└─ 40.0 ms  g  x.js:3',
      '',
    ])
    const painted = renderText(profile, { color: true })
    expect(painted).toContain('\x1b[31m100 ms\x1b[0m  \x1b[1mmain\x1b[0m')
  })

  test('obeys nothing that a name says', () => {
    const profile = profileFrom(`x\x1b]0;evil\x07\u202e\u0000${'y'.repeat(5000)} 5000`)
    const text = renderText(profile)
    expect(text).toContain('5.00 ms  x\\x1b]0')
    const lines = text.split('\n')
    for (const line of lines) expect(line.length).toBeLessThan(1100)
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/)
  })

  test('counts samples and bytes in their own units', () => {
    const samples = profileFrom('main;a 3\nmain;b 1', { unit: 'samples', timeline: false })
    expect(renderText(samples)).toBe(
      'test  4 samples\n\n4 samples  main\n|- 3 samples  a\n`- 1 sample  b\n',
    )
    const bytes = profileFrom('main 3400000', { unit: 'bytes', timeline: false })
    expect(renderText(bytes)).toBe('test  3.4 MB\nbytes, not time\n\n3.4 MB  main\n')
  })

  test('counts no sample for the time before the first', () => {
    const nodes = [
      { id: 1, callFrame: { functionName: '(root)' }, children: [2, 3] },
      { id: 2, callFrame: { functionName: 'main' } },
      { id: 3, callFrame: { functionName: '(idle)' } },
    ]
    const file = { nodes, startTime: 0, endTime: 9000, samples: [3, 2], timeDeltas: [4000, 2000] }
    const bytes = new TextEncoder().encode(JSON.stringify(file))
    for (const wishes of [{}, { summed: true }]) {
      const text = renderText(decodeProfile(bytes, 'x', wishes))
      expect(text).toMatch(/^x {2}9.00 ms\n2 samples\n/)
      expect(text).toContain('4.00 ms  [unknown]\n')
      const atOnce = { ...file, timeDeltas: [0, 2000] }
      const whole = decodeProfile(new TextEncoder().encode(JSON.stringify(atOnce)), 'x', wishes)
      expect(renderText(whole)).toMatch(/^x {2}9.00 ms\n2 samples\n/)
    }
  })

  test('shows files that share no directory as they are', () => {
    const profile = profileFrom('a@/a/x.js:1;b@C:\\b\\y.js:2;c@z.js:3;d@file:///e%20f/g.js:4 5000')
    expect(renderText(profile).split('\n').slice(5, 9)).toEqual([
      '5.00 ms  a  /a/x.js:1',
      '`- 5.00 ms  b  C:/b/y.js:2',
      '   `- 5.00 ms  c  z.js:3',
      '      `- 5.00 ms  d  /e f/g.js:4',
    ])
  })

  test('says so where there is nothing', () => {
    expect(renderText(profileFrom(''))).toBe('test  0 ms\n0 samples\n\nNo samples were recorded.\n')
  })

  test('ends at a depth that nobody reads', () => {
    const deep = profileFrom(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')} 7`)
    const lines = renderText(deep, { threshold: 0, foldLibraries: false }).trimEnd().split('\n')
    expect(lines).toHaveLength(5 + 512 + 1)
    expect(lines.at(-1)?.trim()).toBe('`- [99,488 deeper calls]')
  })

  test('has above it what came before, and what is an upper bound', () => {
    const by = [
      { title: 'GET /report', name: 'add', file: '/srv/add.js', line: 3, micros: 258_000 },
    ]
    const queued = { minMicros: 0, maxMicros: 258_000, othersKeptOut: 0, by }
    const blocked = { ...emptyLedger(), offcpu: 12_000, await: 8000, blocked: 80_000 }
    const lines =
      'f@/srv/f.js:1;[await] t;[blocked];GET /y;g@/srv/g.js:2 80000\nf@/srv/f.js:1 20000'
    const dump = dumpOf(lines, { queued, ledger: blocked, blockedUpToMicros: 60_000 })
    expect(renderText(dump).split('\n').slice(2, 6)).toEqual([
      'queued up to 258 ms before these 100 ms',
      'offcpu 12.0 ms (12 %) - await 8.00 ms (8.0 %) - blocked 20.0 to 80.0 ms (80 %)',
      '',
      'Queued up to 258 ms before this process saw it, behind GET /report in add (add.js:3).',
    ])
    expect(renderMarkdown(dump)).toContain(`

queued up to 258 ms before these 100 ms

| offcpu | await | blocked |
| ---: | ---: | ---: |
| 12.0 ms | 8.00 ms | 20.0 to 80.0 ms |
| 12 % | 8.0 % | 80 % |

`)
    expect([...timelineLines(dump)].slice(5, 8)).toEqual([
      '   start      duration  function',
      '  before  up to 258 ms  queued, behind GET /report in add (add.js:3)',
      '    0 ms       80.0 ms  g  g.js:2 < GET /y < [blocked] < [await] t < ...',
    ])
  })

  test('names what dumps of different versions mean by blocked', () => {
    const old = { version: 1, id: 'b2', ledger: { ...emptyLedger(), blocked: 30_000 } } as const
    const fresh = { ledger: { ...emptyLedger(), blocked: 70_000 }, blockedUpToMicros: 70_000 }
    const merged = mergeProfiles([dumpOf('main 70000', fresh), dumpOf('main 30000', old)])
    expect(renderText(merged).split('\n')[2]).toBe(
      'blocked up to 70.0 ms (70 %) - foreign time while waiting (version 1) 30.0 ms (30 %)',
    )
  })

  test('says how often and how long at most it waited, and how sure blocked time is', () => {
    const dump = dumpOf(`
      f@/srv/f.js:1;[await] db 70000
      f@/srv/f.js:1;[await] db;[blocked];GET /y 10000 {blocked=up to}
      f@/srv/f.js:1;[await] db;[blocked];GET /y 10000
      f@/srv/f.js:1;[await] db;[blocked];GET /y;[await] x;[blocked];GET /z 4000 {blocked=up to}
    `)
    const wait = { stack: 2, labelSet: 0, count: 3, totalMicros: 94_000, longestMicros: 85_000 }
    const profile = { ...dump, waits: [wait] }
    const tree = [
      '94.0 ms  f  f.js:1',
      '`- 94.0 ms  [await] db x3, longest 85.0 ms',
      '   |- 70.0 ms  [self]',
      '   `- 24.0 ms  [blocked] (at least 10.0 ms)',
      '      `- 24.0 ms  GET /y',
      '         |- 20.0 ms  [self]',
      '         `- 4.00 ms  [await] x',
      '            `- 4.00 ms  [blocked] (up to)',
      '               `- 4.00 ms  GET /z',
      '',
    ]
    expect(renderText(profile).split('\n').slice(-tree.length)).toEqual(tree)
    expect(renderMarkdown(profile)).toContain('[await] db ×3, longest 85.0 ms\n')
    const [run] = JSON.parse(jsonOf(dumpOf('run@/srv/f.js:1;[off-CPU] 5'))).tree.children
    expect([run.kind, run.children[0].kind]).toEqual(['app', 'offcpu'])
    const [f] = JSON.parse(jsonOf(profile)).tree.children
    expect([f.waits, f.children[0].waits]).toEqual([
      undefined,
      { count: 3, totalMicros: 94_000, longestMicros: 85_000 },
    ])
  })

  test('says of costs which are sure, and which are of version 1', () => {
    const x = { method: 'GET', route: '/x', status: 200, aborted: false }
    const held = 'f;[await] t;[blocked];GET /y 80000'
    const merged = mergeProfiles([
      dumpOf(`${held} {blocked=up to}`, { request: x }),
      dumpOf(`${held}\nf 20000`, { id: 'b2', request: x }),
      dumpOf(held, { id: 'c3', version: 1, request: x }),
    ])
    expect(renderText(merged).split('\n').slice(7, 11)).toEqual([
      'cost to others                           waiting  requests held up  own cpu  most of it',
      'GET /y                            80.0 to 160 ms                 2        -  80.0 to 160 ms of GET /x',
      'GET /y, foreign time (version 1)         80.0 ms                 1        -  80.0 ms of GET /x',
      '',
    ])
  })

  test('sums up a merged profile', () => {
    const other = { id: 'b2', request: { method: 'GET', route: '/x', status: 200, aborted: false } }
    const merged = mergeProfiles([REQUEST, dumpOf('main 100000', other)])
    expect(renderText(merged).split('\n').slice(0, 3)).toEqual([
      '2 requests, 2 routes  694 ms',
      '2026-11-20 14:01:02 UTC to 2026-11-20 14:01:02 UTC - 1 worker - 200 samples',
      'cpu 121 ms (17 %) - gc 2.10 ms (0.3 %) - await 420 ms (61 %) - blocked 150 ms (22 %) - profiler 0.40 ms (0.1 %) - unknown 0.10 ms (<0.1 %)',
    ])
  })

  test('says once what many requests say with other numbers', () => {
    const saying = (id: string, ...texts: string[]) => {
      const warnings = texts.map((text) => ({ code: 'forgotten', text }))
      return dumpOf('main 100000', { id, warnings })
    }
    const merged = mergeProfiles([
      saying('a1', 'its first 1.20 s are forgotten', 'awaits were not followed'),
      saying('a2', 'its first 800 ms are forgotten', 'awaits were not followed'),
      saying('a3', 'its first 12 min 5 s are forgotten'),
      saying('a4'),
    ])
    const said = renderText(merged)
      .split('\n')
      .filter((line) => line.startsWith('warning'))
    expect(said).toEqual([
      'warning: in 3 of 4 requests, such as: its first 1.20 s are forgotten',
      'warning: awaits were not followed',
    ])
  })

  test('says once what many files of other tools have with other numbers', () => {
    const [one, two] = [3, 12].map((times) => {
      return { ...profileFrom('main 5'), warnings: [`${times} times: a sample has been moved`] }
    })
    const said = (profile: Profile) => headerOf(profile).warnings
    expect(said(one!)).toEqual(['3 times: a sample has been moved'])
    expect(said(mergeProfiles([one!, two!]))).toEqual([
      'in several inputs, such as: 12 times: a sample has been moved',
    ])
  })

  test('says in a merged profile what requests cost each other', () => {
    const other = {
      id: 'b2',
      request: { method: 'GET', route: '/report', status: 200, aborted: false },
    }
    const merged = mergeProfiles([REQUEST, dumpOf('render@/srv/src/report.js:9 100000', other)])
    expect(renderText(merged).split('\n').slice(4, 11)).toEqual([
      'Waiting: 380 of 694 ms on TCP 127.0.0.1:5432, from load (src/db.js:7), in 1 of 2 requests.',
      'Blocked 150 ms by GET /report in render (src/report.js:9), in 1 of 2 requests.',
      'CPU: 62 % of 161 ms in render (src/report.js:9), in 1 of 2 requests; 200 samples, +- 7 %.',
      '',
      'cost to others  waiting  requests held up  own cpu  most of it',
      'GET /report      150 ms                 1   100 ms  150 ms of GET /users/:id',
      '',
    ])
    expect(renderMarkdown(merged)).toContain(`
| cost to others | waiting | requests held up | own cpu | most of it |
| --- | ---: | ---: | ---: | --- |
| GET /report | 150 ms | 1 | 100 ms | 150 ms of GET /users/:id |

\`\`\`text
`)
  })
})

describe('the other outputs', () => {
  test('counts a recursive function once', () => {
    const profile = profileFrom('main;f;f;f 30000\nmain;f;g;f 10000\nmain;g 60000')
    expect([...flatLines(profile)].slice(3)).toEqual([
      '   self          total         samples  function',
      '60.0 ms  60 %  70.0 ms   70 %        1  g',
      '40.0 ms  40 %  40.0 ms   40 %        2  f',
      '   0 ms   0 %   100 ms  100 %        0  main',
    ])
  })

  test('has others’ code in a column of its own, and functions that stand out only there', () => {
    const lines = `
      handle@/srv/a.js:1;add@/srv/add.js:1 3000
      handle@/srv/a.js:1;[await] dns 6000
      handle@/srv/a.js:1;[await] dns;[blocked];GET /report;render@/srv/r.js:2;add@/srv/add.js:1 90000
      handle@/srv/a.js:1;tiny@/srv/a.js:9 500
      handle@/srv/a.js:1;[await] dns;[blocked];GET /report;tiny@/srv/a.js:9 500
    `
    expect([...flatLines(profileFrom(lines))].slice(2)).toEqual([
      '   self           total         in the way        pieces  function',
      '6.00 ms  6.0 %  96.5 ms   97 %        0 ms   0 %       1  [await] dns',
      '3.00 ms  3.0 %  3.00 ms  3.0 %     90.0 ms  90 %       1  add  add.js:1',
      '   0 ms    0 %   100 ms  100 %        0 ms   0 %       0  handle  a.js:1',
      '   0 ms    0 %  90.5 ms   91 %        0 ms   0 %       0  [blocked]',
      '   0 ms    0 %     0 ms    0 %     90.5 ms  91 %       0  GET /report',
      '   0 ms    0 %     0 ms    0 %     90.0 ms  90 %       0  render  r.js:2',
      'and 1 function under the threshold',
    ])
  })

  test('tells what else was waited for', () => {
    const profile = profileFrom(
      'main;[await] dns 9000\nmain;[await] dns 20000 {also waiting for=timer 300 ms}',
    )
    expect([...timelineLines(profile)].slice(-2)).toEqual([
      '    0 ms   9.00 ms  [await] dns < main',
      ' 9.00 ms   20.0 ms  [await] dns < main (also waiting for timer 300 ms)',
    ])
  })

  test('tells what time is an upper bound', () => {
    const profile = profileFrom(
      'f;[await] dns 9000\nf;[await] dns;[blocked];GET /y;g 20000 {blocked=up to}',
    )
    expect([...timelineLines(profile)].slice(-2)).toEqual([
      '    0 ms   9.00 ms  [await] dns < f',
      ' 9.00 ms   20.0 ms  g < GET /y < [blocked] < [await] dns < ... (blocked up to that long)',
    ])
  })

  test('tells what happened in order', () => {
    const profile = profileFrom('main;f 10000\nmain;f 5000\nmain;g;h 60000\nmain;f 25000')
    expect([...timelineLines(profile)].slice(3)).toEqual([
      '   start  duration  function',
      '    0 ms   15.0 ms  f < main',
      ' 15.0 ms   60.0 ms  h < g < main',
      ' 75.0 ms   25.0 ms  f < main',
    ])
    const merged = profileFrom('main 5', { timeline: false })
    expect(() => [...timelineLines(merged)]).toThrow(
      '--timeline: these samples have no order in time (merged profiles keep none)',
    )
  })

  test('is JSON as the contract has it', () => {
    const parsed = JSON.parse(
      jsonOf(dumpOf('main@/a.js:3:4;__proto__ 60000\nmain@/a.js:3:4 40000')),
    )
    expect(parsed.meta).toMatchObject({
      id: 'a1',
      ledger: { cpu: 60_000 },
      request: { status: 200 },
    })
    expect(parsed.tree.children).toEqual([
      {
        name: 'main',
        kind: 'app',
        file: '/a.js',
        line: 3,
        column: 4,
        selfMicros: 40_000,
        totalMicros: 100_000,
        samples: 1,
        children: [
          {
            name: '__proto__',
            kind: 'native',
            file: '',
            line: 0,
            column: 0,
            selfMicros: 60_000,
            totalMicros: 60_000,
            samples: 1,
            children: [],
          },
        ],
      },
    ])
  })

  test('is JSON of a dump of version 1 in its own shape', () => {
    const warnings = [{ code: 'version-1', text: 'a remark' }]
    const { meta } = JSON.parse(jsonOf(dumpOf('main 5', { version: 1, warnings })))
    expect([meta.version, meta.warnings, meta.queued, meta.ledger.offcpu]).toEqual([
      1,
      ['a remark'],
      undefined,
      undefined,
    ])
  })

  test('is JSON at any depth', () => {
    const deep = profileFrom(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')} 7`)
    let node = JSON.parse(jsonOf(deep)).tree
    let depth = 0
    for (; node.children.length > 0; depth++) node = node.children[0]
    expect([depth, node.name, node.selfMicros]).toEqual([100_000, 'f99999', 7])
  })

  test('is Markdown for a pull request', () => {
    expect(
      renderMarkdown(dumpOf('main@/a/x.js:3;`odd`\u0060\u0060 60000\nmain@/a/x.js:3 40000')),
    ).toBe(`\
### \`GET /users/:id\` → 200, 100 ms

2026-11-20 14:01:02 UTC · worker 2, pid 4711 · Node 24.1.0 · 100 samples, one every 1 ms · own samples only

| cpu | await |
| ---: | ---: |
| 60.0 ms | 40.0 ms |
| 60 % | 40 % |

- CPU: 60 % of 100 ms in \\\`odd\\\`\\\`\\\` under main (x.js:3); 100 samples, ± 10 %.

\`\`\`\`text
100 ms  main  x.js:3
├─ 60.0 ms  \`odd\`\`\`
└─ 40.0 ms  [self]
\`\`\`\`
`)
  })
})
