import { describe, expect, test } from 'vitest'
import { errorOf, sampleCount, wilson } from '../../src/analysis/sampling.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Kept, Profile } from '../../src/profile/profile.js'
import { findingsOf } from '../../src/render/findings/findings.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf } from '../support/dumps.js'
import { profileFrom } from '../support/trees.js'

const texts = (profile: Profile) => findingsOf(profile).map(({ text }) => text)
const dump = (lines: string, facts: Partial<DumpMeta> = {}) => dumpOf('1', lines, facts)

/** The names from the root down to where each finding points. */
function places(profile: Profile): string[] {
  const { frames, stacks } = profile
  return findingsOf(profile).map(({ stack }) => {
    const names: string[] = []
    for (let at = stack; at > 0; at = stacks.parent[at]!)
      names.push(frames[stacks.frame[at]!]!.name)
    return names.reverse().join(';')
  })
}

const REQUEST = `
  user@/srv/src/user.js:42;load@/srv/src/db.js:7;query@/srv/node_modules/pg/a.js:1;[await] TCP 127.0.0.1:5432 380000
  user@/srv/src/user.js:42;[await] timer 5 ms;[blocked];GET /report;render@/srv/src/report.js:88 150000
  user@/srv/src/user.js:42;readBody@/srv/src/body.js:3;JSON.parse 122000
  user@/srv/src/user.js:42 78000
  user@/srv/src/user.js:42;[await] file 82000
`

describe('of a request', () => {
  test('are at most three, the longest time first, each with its place', () => {
    const request = dump(REQUEST, { samples: 157 })
    expect(texts(request)).toEqual([
      'Waiting: 380 of 812 ms on TCP 127.0.0.1:5432, from load (src/db.js:7).',
      'Blocked 150 ms by GET /report in render (src/report.js:88).',
      'CPU: 61 % of 200 ms in JSON.parse under readBody (src/body.js:3); 157 samples, ± 8 %.',
    ])
    expect(findingsOf(request).map(({ kind, micros }) => `${kind} ${micros}`)).toEqual([
      'await 380000',
      'blocked 150000',
      'cpu 122000',
    ])
    expect(places(request)).toEqual([
      'user;load;query;[await] TCP 127.0.0.1:5432',
      'user;[await] timer 5 ms;[blocked];GET /report;render',
      'user;readBody;JSON.parse',
    ])
  })

  test('say how much of a blocked time a function had, where it is not all', () => {
    const lines = `
      f@/a.js:1;[await] t;[blocked];GET /r;g@/a.js:5 70000
      f@/a.js:1;[await] t;[blocked];GET /r;h@/a.js:9 30000
      f@/a.js:1;[await] t;[blocked];background 40000
    `
    expect(texts(dump(lines))).toEqual([
      'Blocked 100 ms by GET /r, 70.0 ms of it in g (/a.js:5).',
      'Blocked 40.0 ms by background work.',
    ])
  })

  test('are sure of who blocked only as far as that is known', () => {
    const lines = (sure: number) => `
      f@/a.js:1;[await] t;[blocked];GET /r;g@/a.js:5 ${sure}
      f@/a.js:1;[await] t;[blocked];GET /r;g@/a.js:5 52000 {blocked=up to}
      f@/a.js:1;[await] t;[blocked];GET /r;h@/a.js:9 12000 {blocked=up to}
    `
    expect(texts(dump(lines(100_000)))[0]).toBe(
      'Blocked 100 to 164 ms by GET /r, 88.0 to 152 ms of it in g (/a.js:5).',
    )
    expect(texts(dump(lines(1000)))[0]).toBe(
      'Blocked up to 65.0 ms by GET /r, up to 53.0 ms of it in g (/a.js:5).',
    )
    expect(texts(dump(lines(10_000_000)))[0]).toBe('Blocked 10.1 s by GET /r in g (/a.js:5).')
  })

  test('say how often and how long at most it waited for the same', () => {
    const profile = dump(`
      user@/a.js:1;load@/a.js:7;query@/node_modules/pg/a.js:1;[await] db:5432 600000
      user@/a.js:1;load@/a.js:7;query@/node_modules/pg/a.js:2;[await] db:5432 300000
      user@/a.js:1;[await] timer 100000
    `)
    const waits = [
      { stack: 4, labelSet: 0, count: 2, totalMicros: 600_000, longestMicros: 400_000 },
      { stack: 6, labelSet: 0, count: 1001, totalMicros: 300_000, longestMicros: 250_000 },
      { stack: 7, labelSet: 0, count: 1, totalMicros: 100_000, longestMicros: 100_000 },
    ]
    expect(texts({ ...profile, waits })).toEqual([
      'Waiting: 1,003 waits one after another on db:5432, 900 ms of 1.00 s (longest 400 ms), from load (/a.js:7).',
      'Waiting: 100 ms of 1.00 s on timer, from user (/a.js:1).',
    ])
  })

  test.each([
    ['one after another ', { mostAtOnce: 1, totalMicros: 141_000 }],
    ['at once ', { mostAtOnce: 40, totalMicros: 40 * 140_000 }],
    ['up to 10 at once ', { mostAtOnce: 10, totalMicros: 10 * 141_000 }],
    // Dumps that do not say how many.
    ['one after another ', { totalMicros: 141_002 }],
    ['', { totalMicros: 143_000 }],
    ['', { totalMicros: 20 * 141_000 }],
    ['at once ', { totalMicros: 40 * 139_000 }],
  ])('say of waits whether they came %s', (manner, facts) => {
    const profile = dump('user@/a.js:1;[await] db 141000\nuser@/a.js:1 34000')
    const waits = [{ stack: 2, labelSet: 0, count: 40, longestMicros: 10_000, ...facts }]
    expect(texts({ ...profile, waits })[0]).toBe(
      `Waiting: 40 waits ${manner}on db, 141 of 175 ms (longest 10.0 ms), from user (/a.js:1).`,
    )
  })

  test('say it of waits in two places of one function, as they went on together', () => {
    const profile = dump(`
      user@/a.js:1;f@/node_modules/pg/a.js:1;[await] db 20000
      user@/a.js:1;g@/node_modules/pg/a.js:2;[await] db 20000
    `)
    const textOf = (mostAtOnce?: number) => {
      const each = { count: 2, totalMicros: 25_000, longestMicros: 20_000 }
      const waits = [3, 5].map((stack) => ({
        ...{ stack, labelSet: 0, ...each },
        ...(mostAtOnce === undefined ? {} : { mostAtOnce }),
      }))
      return /4 waits (.*), 40/.exec(texts({ ...profile, waits })[0]!)?.[1]
    }
    expect([1, 2, 4, undefined].map(textOf)).toEqual([
      'one after another on db',
      'up to 2 at once on db',
      'at once on db',
      'on db',
    ])
  })

  test('say the same of waits of many requests, which are at once in each', () => {
    const lines = 'user@/a.js:1;[await] db 20000\nuser@/a.js:1 1000'
    const merged = (mostAtOnce: number, longestMicros: number) => {
      const sum = { count: 4, totalMicros: longestMicros * 4, longestMicros, mostAtOnce }
      const of = (id: string) => ({
        ...dumpOf(id, lines),
        waits: [{ stack: 2, labelSet: 0, ...sum }],
      })
      return texts(mergeProfiles(['a', 'b', 'c'].map(of)))[0]
    }
    expect(merged(4, 20_000)).toBe(
      'Waiting: 12 waits at once on db, 60.0 of 63.0 ms (longest 20.0 ms), from user (/a.js:1), in 3 requests.',
    )
    expect(merged(1, 5000)).toBe(
      'Waiting: 12 waits one after another on db, 60.0 of 63.0 ms (longest 5.00 ms), from user (/a.js:1), in 3 requests.',
    )
  })

  test.each([
    ['one in each request', [1, 1], [1, 1], '2 waits on'],
    ['all at once in each', [4, 2], [4, 2], '6 waits at once on'],
    ['not all at once in one of them', [1, 3], [1, 2], '4 waits up to 2 at once on'],
    ['one after another in each', [1, 3], [1, 1], '4 waits one after another on'],
  ])('of waits of two requests: %s', (_, counts, most, said) => {
    const recorded = counts.map((count, i) => {
      const sum = { count, totalMicros: 20_000 * count, longestMicros: 20_000 }
      const waits = [{ stack: 2, labelSet: 0, ...sum, mostAtOnce: most[i]! }]
      return { ...dumpOf(`r${i}`, 'user@/a.js:1;[await] db 40000'), waits }
    })
    expect(texts(mergeProfiles(recorded))[0]).toContain(`Waiting: ${said} db,`)
  })

  test('name the function that calls what is hot where no function is hot itself', () => {
    const parts = Array.from({ length: 10 }, (_, i) => `f@/a.js:1;g@/a.js:5;part${i} 8000`)
    const lines = `${parts.join('\n')}\nf@/a.js:1 20000`
    expect(texts(dump(lines, { samples: 400 }))).toEqual([
      'CPU: 80 % of 100 ms below g (/a.js:5); 400 samples, ± 5 %.',
    ])
    const flat = Array.from({ length: 10 }, (_, i) => `part${i} 8000`).join('\n')
    expect(texts(dump(flat, { samples: 400 }))).toEqual([
      'CPU: 80.0 of 80.0 ms, spread over many functions.',
    ])
  })

  test('name no place that samples do not show', () => {
    expect(texts(dump('f@/a.js:1 900', { samples: 0 }))).toEqual([
      'CPU: 0.90 of 0.90 ms; 0 samples cannot say where.',
    ])
    expect(texts(dump('f@/a.js:1 1000', { samples: 1 }))).toEqual([
      'CPU: 100 % of 1.00 ms in f (/a.js:1); 1 sample, ± 80 %.',
    ])
  })

  test('tell of collections and of what is not known, where that is much', () => {
    const lines = `
      f@/a.js:1;(garbage collector) 30000
      g@/a.js:5;(garbage collector) 10000
      [unknown] 20000
      f@/a.js:1;[await] 40000
    `
    expect(texts(dump(lines))).toEqual([
      'Waiting: 40.0 of 100 ms, from f (/a.js:1).',
      'Garbage collection: 40.0 of 100 ms, 30.0 ms of it under f (/a.js:1).',
      'Unknown: 20.0 of 100 ms.',
    ])
  })

  test('say when so much is our own work that the rest is less sure', () => {
    const lines = `
      [profiler] 31000
      f@/a.js:1 2100
    `
    const fact = "Profiler: 31.0 of 33.1 ms were profview's own work"
    const advice = '; it is less where fewer requests are recorded at once'
    expect(texts(dump(lines))).toEqual([`${fact}${advice}, or with awaits: false.`])
    expect(texts(dump(lines, { awaits: false }))).toEqual([`${fact}${advice}.`])
    expect(texts(dump(lines, { kind: 'process', request: null }))).toEqual([`${fact}.`])
    const little = `
      [profiler] 9000
      f@/a.js:1;[await] t 91000
    `
    expect(texts(dump(little))).toEqual(['Waiting: 91.0 of 100 ms on t, from f (/a.js:1).'])
  })

  test('say so before all else, also where three others had more', () => {
    const lines = `
      [profiler] 15000
      f@/a.js:1;[await] a 30000
      f@/a.js:1;[await] b 25000
      f@/a.js:1;[await] c 20000
      f@/a.js:1;[await] d 15000
    `
    const queued = { minMicros: 50_000, maxMicros: 50_000, othersKeptOut: 0, by: [] }
    const kinds = findingsOf(dump(lines, { queued })).map(({ kind }) => kind)
    expect(kinds).toEqual(['profiler', 'queued', 'await', 'await', 'await'])
    const merged = mergeProfiles([dump(lines), dumpOf('2', 'f@/a.js:1;[await] a 1000')])
    expect(texts(merged)[0]).toMatch(
      /^Profiler: 15.0 of 106 ms were profview's own work, in 1 of 2 requests; /,
    )
  })

  test('are honest where nothing stands out', () => {
    const many = Array.from({ length: 20 }, (_, i) => `f@/a.js:1;[await] timer ${i} ms 5000`)
    expect(findingsOf(dump(many.join('\n')))).toEqual([
      { kind: 'none', text: 'Nothing stands out.', stack: 0, micros: 0 },
    ])
  })

  test('obey nothing that a name says', () => {
    const [text] = texts(dump('x\x1b[31m@/a\u202e.js:1;[await] t\x07 5000'))
    expect(text).toBe('Waiting: 5.00 of 5.00 ms on t\\x07, from x\\x1b[31m (/a\\u202e.js:1).')
  })
})

describe('of time off the CPU', () => {
  const off = (
    lines: string,
    runQueueMicros: number | null,
    throttledMicros = 0,
    kept: Kept = 'trigger',
  ) => {
    const ledger = { ...emptyLedger(), offcpu: 140_000, cpu: 72_000 }
    const machine = runQueueMicros === null ? null : { runQueueMicros, throttledMicros }
    return texts(dump(lines, { ledger, machine, samples: 200, kept }))[0]
  }
  const WAITED = `
    run@/a.js:7;execSync@node:child_process:9;spawnSync@node:child_process:8;[off-CPU] 140000
    run@/a.js:7 72000
  `
  const COMPUTED = `
    run@/a.js:7;add@/a.js:9;[off-CPU] 100000
    run@/a.js:7;sort@/node_modules/x/a.js:5;[off-CPU] 40000
    run@/a.js:7 72000
  `

  test('say what the app called, whatever that called', () => {
    expect(off(WAITED, null)).toBe('Off-CPU: 140 of 212 ms in execSync under run (/a.js:7).')
    expect(off(WAITED, 1000)).toBe('Off-CPU: 140 of 212 ms in execSync under run (/a.js:7).')
    expect(off(COMPUTED, null)).toBe('Off-CPU: 140 of 212 ms, 100 ms of it in add (/a.js:9).')
    const inPackage = `
      emit@node:events:1;read@/node_modules/x/a.js:5;readFileSync@node:fs:4;[off-CPU] 140000
      run@/a.js:7 72000
    `
    expect(off(inPackage, null)).toBe('Off-CPU: 140 of 212 ms in readFileSync.')
    const nobodys = 'emit@node:events:1;write@node:net:2;[off-CPU] 140000\nrun@/a.js:7 72000'
    expect(off(nobodys, null)).toBe('Off-CPU: 140 of 212 ms in write.')
    expect(off('[off-CPU] 140000\nrun@/a.js:7 72000', null)).toBe('Off-CPU: 140 of 212 ms.')
  })

  test('say that the machine took it where that explains it', () => {
    expect(off(COMPUTED, 139_000)).toBe(
      'Off-CPU: 140 of 212 ms: the machine gave the CPU to others.',
    )
    expect(off(COMPUTED, 180_000, 90_000)).toBe(
      'Off-CPU: 140 of 212 ms: a CPU quota (cgroup) took the CPU.',
    )
  })

  test('say "up to" where it explains a part, or something else may', () => {
    expect(off(COMPUTED, 60_000)).toBe(
      'Off-CPU: 140 of 212 ms, 100 ms of it in add (/a.js:9), up to 60.0 ms of it because the machine gave the CPU to others.',
    )
    expect(off(WAITED, 500_000, 400_000)).toBe(
      'Off-CPU: 140 of 212 ms in execSync under run (/a.js:7); perhaps a CPU quota (cgroup) took the CPU.',
    )
    expect(off(COMPUTED, 139_000, 0, 'slow')).toBe(
      'Off-CPU: 140 of 212 ms, 100 ms of it in add (/a.js:9); perhaps the machine gave the CPU to others.',
    )
    expect(off(COMPUTED, 13_000)).toBe('Off-CPU: 140 of 212 ms, 100 ms of it in add (/a.js:9).')
  })
})

describe('of other profiles', () => {
  test('count in how many requests of a merged one', () => {
    const slow = 'f@/a.js:1;[await] TCP 60000\nf@/a.js:1 5000'
    const merged = mergeProfiles([
      dumpOf('1', slow),
      dumpOf('2', slow),
      dumpOf('3', 'f@/a.js:1 40000', { samples: 96 }),
    ])
    expect(texts(merged)).toEqual([
      'Waiting: 120 of 170 ms on TCP, from f (/a.js:1), in 2 of 3 requests.',
      'CPU: 100 % of 50.0 ms in f (/a.js:1), in 3 requests; 100 samples, ± 4 %.',
    ])
  })

  test('of version 1 do not say that whoever ran meanwhile delayed anybody', () => {
    const lines = 'f@/a.js:1;[await] t;[blocked];GET /r;g@/a.js:5 150000'
    const old = dumpOf('1', lines, { version: 1 })
    expect(texts(old)).toEqual([
      'Foreign code ran 150 ms while it waited (version 1): GET /r in g (/a.js:5).',
    ])
    expect(texts(mergeProfiles([old, dumpOf('2', lines), dumpOf('3', lines)]))).toEqual([
      'Blocked 300 ms by GET /r in g (/a.js:5), in 2 of 3 requests.',
      'Foreign code ran 150 ms while they waited (version 1): GET /r in g (/a.js:5), in 1 of 3 requests.',
    ])
  })

  test('are sure of nobody where the facts of the dump are lost', () => {
    expect(texts(profileFrom('f@/a.js:1;[await] t;[blocked];GET /r;g@/a.js:5 150000'))).toEqual([
      'Blocked up to 150 ms by GET /r in g (/a.js:5).',
    ])
  })

  test('know no waits where another profiler saw none, and no hot spot that has no name', () => {
    const foreign = profileFrom(`
      (idle) 50000
      (program) 30000
      main@/a.js:1;f@/a.js:2 10000
      main@/a.js:1;f@/a.js:2 10000
    `)
    expect(texts(foreign)).toEqual([
      'Idle: 50.0 of 100 ms.',
      'CPU: 100 % of 20.0 ms in f (/a.js:2); 2 samples, ± 66 %.',
    ])
  })

  test('invent no error where it is not known how many samples there were', () => {
    const summed = profileFrom('main@/a.js:1 10000', { timeline: false })
    expect(texts(summed)).toEqual(['CPU: 100 % of 10.0 ms in main (/a.js:1).'])
    expect(sampleCount(summed)).toBe(null)
    const passedOn = profileFrom('main;f 3\nmain;[await] timer 20 ms 1', { unit: 'samples' })
    expect(sampleCount(passedOn)).toBe(null)
  })

  test('are none for what is no time, or nothing', () => {
    expect(findingsOf(profileFrom('main 5', { unit: 'bytes' }))).toEqual([])
    expect(findingsOf(profileFrom(''))).toEqual([])
  })

  test('do not mind a depth of 100,000', () => {
    const deep = Array.from({ length: 100_000 }, (_, i) => `f${i}@/a.js:${i + 1}`).join(';')
    expect(texts(dump(`${deep} 7000`, { samples: 7 }))).toEqual([
      'CPU: 100 % of 7.00 ms in f99999 (/a.js:100000); 7 samples, ± 36 %.',
    ])
  })
})

describe("Wilson's interval", () => {
  test('is as published', () => {
    // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    const { low, high } = wilson(81 / 263, 263)
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(['0.2553', '0.3662'])
    expect(wilson(0, 20).low).toBe(0)
    expect(wilson(0, 20).high).toBeCloseTo(0.1611, 4)
    expect(wilson(0.5, 0)).toEqual({ low: 0, high: 1 })
  })

  test('gives its farther end as the error', () => {
    expect(errorOf(1, 20)).toBeCloseTo(0.1611, 4)
  })
})
