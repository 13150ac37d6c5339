import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffProfiles, type ProfileDiff } from '../../src/analysis/diff.js'
import type { Changes } from '../../src/analysis/diff-changes.js'
import { t95 } from '../../src/analysis/diff-noise.js'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import { buildCallTree, totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { FILE_LABEL } from '../../src/profile/labels.js'
import type { Frame, Profile } from '../../src/profile/profile.js'
import { diffRows, shownRows } from '../../src/render/diff/diff-table.js'
import { addLabels } from '../../src/transform/label-source.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { applyView } from '../../src/transform/view.js'
import { callRows, functionRows } from '../../viewer/src/compare/compare-rows.js'
import { anyProfile } from '../support/arbitrary.js'
import { dumpOf, metaOf } from '../support/dumps.js'
import { formatTree, profileFrom } from '../support/trees.js'

/** Dumps of one request each, `lines` as given by its number. */
function dumps(side: string, count: number, lines: (i: number) => string): Profile[] {
  return Array.from({ length: count }, (_, i) => dumpOf(`${side}${i}`, lines(i)))
}

/** `name before after verdict` of every function that either side has, then what was in the way. */
function functionsOf({ profile, functions, inTheWay }: ProfileDiff): string[] {
  const write = ({ before, after, verdict }: Changes, i: number) =>
    `${before[i]} ${after[i]} ${verdict[i]}`
  return profile.frames
    .map(({ name }, i) => {
      const others = write(inTheWay, i)
      return `${name} ${write(functions, i)}${others === '0 0 0' ? '' : `, in the way ${others}`}`
    })
    .filter((line) => !line.startsWith('(root)'))
}

describe('diffProfiles', () => {
  test('is what a request takes after, less what it took before', () => {
    const before = dumps('b', 2, () => 'main;a 30\nmain;c 8')
    const after = dumps('a', 4, () => 'main;a 20\nmain;b 25')
    const diff = diffProfiles(before, after)
    expect(formatTree(checkProfile(diff.profile))).toEqual([
      'main 7 0',
      '  b 25 25',
      '  c -8 -8',
      '  a -10 -10',
    ])
    expect(diff.before).toMatchObject({ name: 'GET /x', requests: 2, samples: 4, perRequest: 38 })
    expect(diff.after).toMatchObject({ name: 'GET /x', requests: 4, samples: 8, perRequest: 45 })
    expect(functionsOf(diff)).toEqual(['a 30 20 0', 'b 0 25 1', 'c 8 0 0', 'main 38 45 1'])
    const { stacks, functions } = diff
    expect([...stacks.samplesBefore!]).toEqual([4, 4, 3, 0, 1])
    expect([...functions.samplesAfter!].reduce((sum, samples) => sum + samples, 0)).toBe(24)
  })

  test('a merge of other tools’ files is as many recordings as there are files', () => {
    const files = ['a', 'b', 'c'].map((file) =>
      addLabels(profileFrom('main 30'), new Map([[FILE_LABEL, file]])),
    )
    const diff = diffProfiles(mergeProfiles(files), profileFrom('main 25'))
    expect(diff.before).toMatchObject({ requests: 3, perRequest: 30 })
    expect(diff.after).toMatchObject({ requests: 1, perRequest: 25 })
  })

  test('compares no foreign time of version 1 with blocked time', () => {
    const lines = 'f;[await] db;[blocked];GET /y 30\nf 6'
    const old = dumps('b', 3, () => lines).map((dump) => ({
      ...dump,
      sources: dump.sources.map((source) => ({ ...source, version: 1 as const })),
    }))
    const diff = diffProfiles(
      old,
      dumps('a', 3, () => lines),
    )
    expect(functionsOf(diff).sort()).toEqual([
      'GET /y 0 0 0, in the way 30 30 0',
      '[await] db 30 30 0',
      '[blocked] 0 30 0',
      '[foreign time while waiting (version 1)] 30 0 0',
      'f 36 36 0',
    ])
    expect(functionsOf(diffProfiles(old, old)).sort()).toContain('[blocked] 30 30 0')
  })

  test('takes sides that are merged already, and counts a dump once', () => {
    const before = dumps('b', 3, (i) => `main;a ${i}`)
    const after = dumps('a', 3, (i) => `main;a ${i}\nmain;b 9`)
    const diff = diffProfiles(before, after)
    expect(diffProfiles(mergeProfiles(before), mergeProfiles(after))).toEqual(diff)
    expect(diffProfiles([...before, ...before], after)).toEqual(diff)
    expect(totalWeight(diffProfiles(before, before).profile)).toBe(0)
  })

  test('counts a recursive function once', () => {
    const diff = diffProfiles(profileFrom('f;f;g;f 100'), profileFrom('f;f;g;f 150\nf;g;g 60'))
    expect(functionsOf(diff)).toEqual(['f 100 210 0', 'g 100 210 0'])
  })

  test('tells what a function did for others from what it did itself', () => {
    const lines = (own: number, others: number) =>
      `f;add ${own}\nf;[await] t;[blocked];GET /y;add;add ${others}\nf;[await] t 7`
    const diff = diffProfiles(
      dumps('b', 5, () => lines(30, 400)),
      dumps('a', 5, (i) => lines(30, i < 3 ? 400 : 100)),
    )
    expect(functionsOf(diff)).toEqual([
      'GET /y 0 0 0, in the way 400 280 0',
      '[await] t 407 287 0',
      '[blocked] 400 280 0',
      'add 30 30 0, in the way 400 280 0',
      'f 437 317 0',
    ])
  })

  test('knows a function that has moved in its file', () => {
    const before = profileFrom('main@/a.js:1:1;f@/a.js:10:3;(anonymous)@/a.js:11:5 100')
    const after = profileFrom('main@/a.js:1:1;f@/a.js:14:3;(anonymous)@/a.js:15:5 130')
    expect(formatTree(diffProfiles(before, after).profile, { places: true })).toEqual([
      'main@/a.js:1:1 30 0',
      '  f@/a.js:14:3 30 0',
      '    (anonymous)@/a.js:15:5 30 30',
    ])
    const overloaded = profileFrom('f@/a.js:10:3 4\nf@/a.js:14:3 5')
    expect(formatTree(diffProfiles(overloaded, after).profile, { places: true })).toEqual([
      'main@/a.js:1:1 130 0',
      '  f@/a.js:14:3 130 0',
      '    (anonymous)@/a.js:15:5 130 130',
      'f@/a.js:10:3 -4 -4',
      'f@/a.js:14:3 -5 -5',
    ])
  })

  test('refuses to compare bytes with time', () => {
    const bytes = profileFrom('a 1', { unit: 'bytes' })
    expect(() => diffProfiles(bytes, profileFrom('a 1'))).toThrow(
      'cannot compare bytes with microseconds',
    )
    expect(() => diffProfiles([bytes, profileFrom('a 1')], [])).toThrow('cannot add')
  })

  test('shows what changed where the changes of one caller make up for each other', () => {
    const before = dumps('b', 1, () => 'main;a;f 50\nmain;b 20\nmain;c 1')
    const after = dumps('a', 1, () => 'main;a;g 50\nmain;b 20')
    const { profile } = diffProfiles(before, after)
    const shown = applyView(profile, { threshold: 0.1, foldLibraries: false, whole: 71 })
    expect(formatTree(checkProfile(shown))).toEqual(['main -1 -1'])
    const tree = buildCallTree(shown)
    const names = shown.frames.map(({ name }) => name)
    expect([...tree.total].map((total, i) => `${names[shown.stacks.frame[i]!]} ${total}`)).toEqual([
      '(root) -1',
      'main -1',
      'a 0',
      'f -50',
      'g 50',
    ])
  })
})

describe('rows', () => {
  const APP = 'main@/app/m.js:1'
  const EXPRESS = `next@/n/node_modules/express/n.js:1;run@/n/node_modules/router/r.js:1`
  const PG = 'query@/n/node_modules/pg/q.js:1;send@/n/node_modules/pg/s.js:1'
  const spread = (n: number, time: number) =>
    Array.from({ length: n }, (_, i) => `${APP};${PG};p${i}@/n/node_modules/pg/p.js:${i} ${time}`)

  /** Names in the order of the rows (of equals, by name) as text, as JSON and on the page. */
  function rowsOf(before: string, after: string): string[] {
    const diff = diffProfiles(profileFrom(before), profileFrom(after))
    const named = ({ frame }: { frame: Frame }) => frame.name
    const text = shownRows(diff, 10, false).map(named)
    const everything = diffRows(diff).map(named)
    expect(everything.filter((name) => text.includes(name))).toEqual(text)
    const page = functionRows(diff).map(({ frame }) => diff.profile.frames[frame]!.name)
    expect(page.filter((name) => text.includes(name))).toEqual(text)
    return text
  }

  test('are of packages where the change is theirs, the largest of all included', () => {
    const before = `${APP};${PG} 100\n${APP} 500\n(program) 100`
    const after = `${APP};${PG} 900\n${APP} 100\n(program) 100`
    expect(rowsOf(before, after)).toEqual(['query', 'send', 'main'])
  })

  test('are of the way into a package that spreads the change', () => {
    expect(rowsOf(`${APP} 900`, [`${APP} 900`, ...spread(30, 9)].join('\n'))).toEqual([
      ...['main', 'query'],
    ])
  })

  test('are not of what only leads to the app', () => {
    const through = `${EXPRESS};handler@/app/h.js:1;forEach;each@/app/h.js:5`
    expect(rowsOf(`${through} 100`, `${through} 500`)).toEqual(['each', 'handler'])
  })

  test('are of every function where no file says whose they are, and of who was in the way', () => {
    expect(rowsOf('a;b;c 100', 'a;b;c 500')).toEqual(['a', 'b', 'c'])
    const blocked = `${APP};[blocked];GET /report;${EXPRESS};pdf@/app/p.js:1`
    expect(rowsOf(`${blocked} 100`, `${blocked} 500`)).toEqual([
      ...['[blocked]', 'main', 'GET /report', 'pdf'],
    ])
  })

  test('are the same ones in the tree of calls', () => {
    const diff = diffProfiles(
      profileFrom(`${APP};${PG} 100\n${EXPRESS};handler@/app/h.js:1;${PG} 100`),
      profileFrom(`${APP};${PG} 900\n${EXPRESS};handler@/app/h.js:1;${PG} 200\n${APP} 5`),
    )
    const lines = callRows(diff).map(
      ({ frame, depth }) => `${'  '.repeat(depth)}${diff.profile.frames[frame]!.name}`,
    )
    expect(lines).toEqual([
      ...['main', '  query', '    send'],
      ...['handler', '  query', '    send'],
    ])
  })
})

describe('noise', () => {
  const verdict = (diff: ProfileDiff) => diff.stacks.verdict[0]
  const waits = (side: string, times: readonly number[]) =>
    dumps(side, times.length, (i) => `main;[await] timer ${times[i]}`)

  test('is the spread of the requests where there are several', () => {
    // t = 2.84 with 27.7 degrees of freedom; the limit is 2.05.
    const a = [27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4]
    const b = [27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30, 23.9]
    const micros = (times: number[]) => times.map((time) => Math.round(time * 1000))
    expect(verdict(diffProfiles(waits('b', micros(a)), waits('a', micros(b))))).toBe(1)
    expect(verdict(diffProfiles(waits('b', micros(b)), waits('a', micros(a))))).toBe(-1)
    const close = [30.02, 29.99, 30.11, 29.97, 30.01, 29.99]
    const wide = [29.89, 29.93, 29.72, 29.98, 30.02, 29.98]
    // t = 1.96 with 7.03 degrees, the limit is 2.37. A normal distribution would say 1.96.
    expect(verdict(diffProfiles(waits('b', micros(wide)), waits('a', micros(close))))).toBe(0)
  })

  test("has Student's limits", () => {
    const limits = [0, 1, 1.9, 5, 9, 10, 14, 30, 120, 1e9].map((degrees) => t95(degrees).toFixed(3))
    expect(limits).toEqual([
      ...['Infinity', '12.706', '12.706', '2.571', '2.262'],
      ...['2.228', '2.145', '2.042', '1.980', '1.960'],
    ])
  })

  test('counts requests that have no time in a function', () => {
    const rare = dumps('a', 10, (i) => (i === 0 ? 'main 100\ncache 90' : 'main 100'))
    const diff = diffProfiles(
      dumps('b', 10, () => 'main 100'),
      rare,
    )
    expect(functionsOf(diff)).toEqual(['cache 0 9 0', 'main 100 100 0'])
  })

  test('is at least that of the samples, however alike a few requests are', () => {
    const cpu = (side: string, lines: string) =>
      [1, 2].map((i) => dumpOf(`${side}${i}`, lines, { samples: 10 }))
    const diff = diffProfiles(cpu('b', 'f 5000\ng 5000'), cpu('a', 'f 6000\ng 5000'))
    expect(functionsOf(diff)).toEqual(['f 5000 6000 0', 'g 5000 5000 0'])
    const many = diffProfiles(
      cpu('b', 'f 5000\ng 5000').map((each) => withSamples(each, 10_000)),
      cpu('a', 'f 6000\ng 5000').map((each) => withSamples(each, 11_000)),
    )
    expect(functionsOf(many)).toEqual(['f 5000 6000 1', 'g 5000 5000 0'])
  })

  test('takes the spread of the many for the one they are compared with', () => {
    const many = waits('b', [100, 110, 90, 105, 95])
    expect(verdict(diffProfiles(many, waits('a', [115])))).toBe(0)
    expect(verdict(diffProfiles(many, waits('a', [150])))).toBe(1)
    expect(verdict(diffProfiles(waits('a', [150]), many))).toBe(-1)
  })

  test('of one request against one is the error of the samples, and any wait', () => {
    const one = (side: string, lines: string, samples: number) => dumpOf(side, lines, { samples })
    // 100 and 120 samples: ± 29. 1,000 and 1,200: ± 92.
    expect(verdict(diffProfiles(one('b', 'f 100000', 100), one('a', 'f 120000', 120)))).toBe(0)
    expect(verdict(diffProfiles(one('b', 'f 100000', 1000), one('a', 'f 120000', 1200)))).toBe(1)
    expect(verdict(diffProfiles(waits('b', [100]), waits('a', [3000])))).toBe(0)
    expect(verdict(diffProfiles(waits('b', [100]), waits('a', [4000])))).toBe(1)
    const held = 'f;[await] t;[blocked];GET /y 90000'
    expect(verdict(diffProfiles(waits('b', [100]), [dumpOf('a', held)]))).toBe(0)
    const between = (lines: string) => `f;g ${lines}\nf;[await] t;[blocked];GET /y;g 300000`
    const blocked = diffProfiles(
      one('b', between('100000'), 1000),
      one('a', between('120000'), 1200),
    )
    expect(functionsOf(blocked)).toContain('g 100000 120000 1, in the way 300000 300000 0')
    const mixed = diffProfiles(
      one('b', 'f 100000\n[await] t 5000', 1000),
      one('a', 'f 120000\n[await] t 8000', 1200),
    )
    expect(functionsOf(mixed)).toEqual(['[await] t 5000 8000 0', 'f 100000 120000 1'])
  })

  test('cannot be told where it is not known how many samples there were', () => {
    const summed = (lines: string) => profileFrom(lines, { timeline: false })
    const diff = diffProfiles(summed('f 100000'), summed('f 900000'))
    expect([diff.before.samples, diff.stacks.samplesBefore, verdict(diff)]).toEqual([null, null, 0])
    const counts = (lines: string) => profileFrom(lines, { unit: 'samples', timeline: false })
    expect(verdict(diffProfiles(counts('f 100'), counts('f 300')))).toBe(1)
    const several = [100, 101, 99].map((time) => summed(`f ${time}`))
    expect(
      verdict(
        diffProfiles(
          several,
          [...several].map(() => summed('f 150')),
        ),
      ),
    ).toBe(1)
  })
})

describe('for any profiles', () => {
  const someDumps = fc
    .array(fc.tuple(anyProfile(), fc.boolean()), { minLength: 1, maxLength: 4 })
    .map((profiles) =>
      profiles.map(([profile, isDump], i) =>
        isDump ? { ...profile, timeline: true, sources: [metaOf(`id-${i}`)] } : profile,
      ),
    )
  const perRequest = (profiles: readonly Profile[]) =>
    Math.round(profiles.reduce((sum, each) => sum + totalWeight(each), 0) / profiles.length)

  test('no time is lost or made, for the whole and for each call and function', () => {
    fc.assert(
      fc.property(someDumps, someDumps, (before, after) => {
        const diff = diffProfiles(before, after)
        const { profile, stacks, functions, inTheWay } = diff
        checkProfile(profile)
        expect(totalWeight(profile)).toBe(perRequest(after) - perRequest(before))
        const { total } = buildCallTree(profile)
        const change = stacks.after.map((time, i) => time - stacks.before[i]!)
        expect(change).toEqual(total)
        const table = buildFunctionTable(profile)
        const changes = ({ before, after }: Changes) => after.map((time, i) => time - before[i]!)
        expect(changes(functions)).toEqual(table.total)
        expect(changes(inTheWay)).toEqual(table.inTheWay)
        expect([...stacks.before, ...stacks.after].every((time) => time >= 0)).toBe(true)
        for (const threshold of [0, 0.3]) {
          const shown = checkProfile(applyView(profile, { threshold, whole: 1e6 }))
          expect(totalWeight(shown)).toBe(totalWeight(profile))
        }
      }),
      { numRuns: 200 },
    )
  })

  test('turned round, it is the same with the other sign', () => {
    fc.assert(
      fc.property(anyProfile(), anyProfile(), (one, other) => {
        const there = diffProfiles(one, other)
        const back = diffProfiles(other, one)
        expect(totalWeight(back.profile)).toBe(-totalWeight(there.profile) + 0)
        expect(back.before.perRequest).toBe(there.after.perRequest)
        expect(back.stacks.verdict[0]! + there.stacks.verdict[0]!).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('a call with all below it is right to a microsecond on each side', () => {
    fc.assert(
      fc.property(fc.array(anyProfile(), { minLength: 2, maxLength: 3 }), (profiles) => {
        const dumped = profiles.map((each, i) => ({
          ...each,
          timeline: true,
          sources: [metaOf(`id-${i}`)],
        }))
        const { stacks } = diffProfiles([], dumped)
        const exact = buildCallTree(diffProfiles([], mergeProfiles(dumped)).profile).total
        expect(stacks.after).toEqual(exact)
        const merged = buildCallTree(mergeProfiles(dumped))
        const byTime = (times: Float64Array) => [...times].sort((a, b) => a - b)
        const rounded = byTime(stacks.after)
        byTime(merged.total).forEach((time, i) => {
          expect(Math.abs(rounded[i]! - time / dumped.length)).toBeLessThanOrEqual(1)
        })
      }),
      { numRuns: 50 },
    )
  })

  test('does not mind a depth of 100,000', () => {
    const deep = (leaf: string) =>
      profileFrom(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')};${leaf} 7`)
    const diff = diffProfiles([deep('a'), deep('b')], [deep('a'), deep('c')])
    expect(totalWeight(diff.profile)).toBe(0)
    expect([...diff.stacks.after.subarray(-3)].sort()).toEqual([0, 3, 4])
    expect(totalWeight(applyView(diff.profile, { whole: 7 }))).toBe(0)
  })
})

function withSamples(profile: Profile, samples: number): Profile {
  return { ...profile, sources: profile.sources.map((source) => ({ ...source, samples })) }
}
