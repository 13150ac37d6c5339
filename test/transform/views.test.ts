import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCallTree, totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import type { Profile } from '../../src/profile/profile.js'
import { filterRecordings } from '../../src/transform/filter.js'
import { foldProfile } from '../../src/transform/fold.js'
import { matcherOf } from '../../src/transform/glob.js'
import { invertProfile } from '../../src/transform/invert.js'
import { pruneProfile } from '../../src/transform/prune.js'
import { subtreeOf } from '../../src/transform/subtree.js'
import { applyView } from '../../src/transform/view.js'
import { formatTree, profileFrom, profileOf } from '../support/trees.js'

const NEVER = () => false
const LIBRARIES = { libraries: true, hide: NEVER, show: NEVER }

const SERVER = `
  emit@node:events:1;handle@/app/node_modules/express/a.js:1;next@/app/node_modules/router/b.js:2;run@/app/node_modules/router/c.js:3;handler@/app/users.js:5 70
  emit@node:events:1;handle@/app/node_modules/express/a.js:1;next@/app/node_modules/router/b.js:2 10
  emit@node:events:1;handle@/app/node_modules/express/a.js:1;(garbage collector) 20
`

describe('fold', () => {
  it('keeps the first frame of a run and the one that leads back to the app', () => {
    expect(formatTree(foldProfile(profileFrom(SERVER), LIBRARIES))).toEqual([
      'emit 100 0',
      '  [2 frames hidden] router, express 100 10',
      '    run 70 0',
      '      handler 70 70',
      '    (garbage collector) 20 20',
    ])
  })

  it('shows a folded frame that has a fifth of all time of its own', () => {
    const profile = profileFrom(`
      a@node:a:1;b@node:b:1;c@node:c:1;hot@node:d:1 30
      a@node:a:1;b@node:b:1;c@node:c:1 5
      main@/app/m.js:1 65
    `)
    expect(formatTree(foldProfile(profile, LIBRARIES))).toEqual([
      'main 65 65',
      'a 35 0',
      '  [2 frames hidden] node 35 5',
      '    hot 30 30',
    ])
  })

  it('leaves the runs alone that stand open, named by any of their stacks', () => {
    const profile = profileFrom(SERVER)
    const handle = profile.stacks.frame.indexOf(
      profile.frames.findIndex(({ name }) => name === 'handle'),
    )
    const opened = foldProfile(profile, { ...LIBRARIES, unfolded: [handle] })
    expect(formatTree(opened)).toEqual(formatTree(profile))
    const other = foldProfile(profile, { ...LIBRARIES, unfolded: [0, 99] })
    expect(formatTree(other)).toEqual(formatTree(foldProfile(profile, LIBRARIES)))
  })

  it('leaves a run alone that would hide less than two', () => {
    const profile = profileOf`main@/m.js:1;a@node:a:1;b@node:b:1;cb@/m.js:9 5`
    const tree = ['main 5 0', '  a 5 0', '    b 5 0', '      cb 5 5']
    expect(formatTree(foldProfile(profile, LIBRARIES))).toEqual(tree)
  })

  it('never folds what is shown, and folds what is hidden, except where it is hot', () => {
    const lines = 'main@/m.js:1;x@/gen/a.js:1;y@/gen/b.js:1;z@/gen/c.js:1;w@/gen/d.js:1 5'
    const rules = { libraries: true, hide: matcherOf(['/gen/*']), show: matcherOf(['w']) }
    expect(formatTree(foldProfile(profileFrom(lines), rules))).toEqual([
      'main 5 0',
      '  x 5 0',
      '    y 5 0',
      '      z 5 0',
      '        w 5 5',
    ])
    expect(formatTree(foldProfile(profileFrom(lines), { ...rules, show: NEVER }))).toEqual([
      'main 5 0',
      '  x 5 0',
      '    [2 frames hidden] 5 0',
      '      w 5 5',
    ])
  })

  it('does not take frames without a file for the engine', () => {
    const profile = profileOf`a;b;c;d 5`
    const tree = ['a 5 0', '  b 5 0', '    c 5 0', '      d 5 5']
    expect(formatTree(foldProfile(profile, LIBRARIES))).toEqual(tree)
  })

  it('keeps the name of the request that was in the way', () => {
    const profile = profileFrom(
      'q@/app/node_modules/pg/a.js:1;[blocked];GET /report;r@/app/r.js:1 5',
    )
    expect(formatTree(foldProfile(profile, LIBRARIES))).toEqual([
      'q 5 0',
      '  [blocked] 5 0',
      '    GET /report 5 0',
      '      r 5 5',
    ])
  })
})

describe('prune', () => {
  it('gives small calls to their caller, or joins them where they are many', () => {
    const profile = profileFrom(`
      main;a 90
      main;a;d 1
      main;b 6
      main;c 5
    `)
    expect(formatTree(pruneProfile(profile, 0.08))).toEqual([
      'main 102 0',
      '  a 91 91',
      '  [2 small calls] 11 11',
    ])
  })

  it('takes away nothing at 0 but calls without time', () => {
    const profile = profileFrom('main;a 3\nmain;b 0')
    expect(formatTree(pruneProfile(profile, 0))).toEqual(['main 3 0', '  a 3 3'])
    expect(pruneProfile(profile, 0).stacks.frame.length).toBe(3)
  })
})

describe('invert', () => {
  it('puts callers below functions', () => {
    expect(formatTree(invertProfile(profileFrom('main;a;b 3\nmain;b 2')))).toEqual([
      'b 5 0',
      '  a 3 0',
      '    main 3 3',
      '  main 2 2',
    ])
  })

  it('leaves out callers beyond the levels', () => {
    expect(formatTree(invertProfile(profileFrom('main;a;b 3'), 2))).toEqual(['b 3 0', '  a 3 3'])
  })
})

describe('subtree', () => {
  it('shows one call and what it called as if nothing had called it', () => {
    const profile = profileOf`
      main;a;b 3 {worker=1}
      main;a 2
      main;c 1
      a;b 7
    `
    const below = subtreeOf(profile, 2)
    expect(formatTree(checkProfile(below))).toEqual(['a 5 2', '  b 3 3'])
    expect(below.labelSets[below.samples.labelSet[0]!]).toEqual(new Map([['worker', '1']]))
    expect(below.timeline).toBe(false)
    expect(subtreeOf(profile, 0)).toBe(profile)
  })

  it('has the total of its call, wherever it is', () => {
    fc.assert(
      fc.property(PROFILE, fc.nat(), (profile, n) => {
        const top = n % profile.stacks.frame.length
        const below = checkProfile(subtreeOf(profile, top))
        expect(totalWeight(below)).toBe(buildCallTree(profile).total[top])
      }),
    )
  })
})

describe('filter', () => {
  it('keeps the samples with the labels', () => {
    const profile = profileFrom(`
      main;a 3 {route=GET /x, worker=1}
      main;b 2 {route=GET /y, worker=2}
      main;c 1
    `)
    const kept = filterRecordings(profile, { route: 'GET /x' })
    expect(formatTree(checkProfile(kept))).toEqual(['main 3 0', '  a 3 3'])
    expect(kept.timeline).toBe(false)
    expect(kept.frames.map(({ name }) => name)).toEqual(['(root)', 'main', 'a'])
    expect(formatTree(filterRecordings(profile, { worker: '2' }))).toEqual(['main 2 0', '  b 2 2'])
  })
})

describe('globs', () => {
  it.each([
    ['*/express/*', '/app/node_modules/express/lib/a.js', true],
    ['render?', 'renders', true],
    ['render?', 'render', false],
    ['*', '', true],
    ['a*b*c', 'axxbxxc', true],
    ['a*b*c', 'axxbxx', false],
    ['[x]', '[x]', true],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(matcherOf([pattern])({ name: text, file: '', line: 0, column: 0 })).toBe(expected)
  })

  it('takes no time to speak of on a hostile pattern', () => {
    const start = performance.now()
    matcherOf([`${'a*'.repeat(50)}b`])({ name: 'a'.repeat(1000), file: '', line: 0, column: 0 })
    expect(performance.now() - start).toBeLessThan(500)
  })
})

/** Names that are traps for objects, packages, engine and synthetic frames. */
const FRAME = fc.constantFrom(
  ...['__proto__', 'constructor', 'a@/app/a.js:1', 'b@/app/b.js:2', 'c@node:c:1', 'd@node:d:1'],
  ...['e@/app/node_modules/e/e.js:1', 'f@/app/node_modules/@s/f/f.js:1', '(garbage collector)'],
  ...['[await] TCP', '[blocked]', '[unknown]', 'native'],
)
const PROFILE = fc
  .array(
    fc.tuple(fc.array(FRAME, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 1000 })),
    { minLength: 1, maxLength: 30 },
  )
  .map((lines) => profileFrom(lines.map(([frames, n]) => `${frames.join(';')} ${n}`).join('\n')))

describe('every view', () => {
  const views: [string, (profile: Profile, share: number) => Profile][] = [
    ['prune', pruneProfile],
    ['fold', (profile) => foldProfile(profile, LIBRARIES)],
    [
      'fold with open runs',
      (profile, share) =>
        foldProfile(profile, {
          ...LIBRARIES,
          unfolded: [Math.floor(share * profile.stacks.frame.length)],
        }),
    ],
    ['invert', (profile) => invertProfile(profile)],
    ['invert at two levels', (profile) => invertProfile(profile, 2)],
    ['all', (profile, threshold) => applyView(profile, { threshold, invert: true, hide: ['a'] })],
  ]
  it.each(views)('%s conserves time, sample by sample', (_name, view) => {
    fc.assert(
      fc.property(PROFILE, fc.double({ min: 0, max: 1, noNaN: true }), (profile, share) => {
        const seen = checkProfile(view(profile, share))
        expect(totalWeight(seen)).toBe(totalWeight(profile))
        expect(seen.samples.weight).toEqual(profile.samples.weight)
        expect(seen.samples.labelSet).toEqual(profile.samples.labelSet)
      }),
      { numRuns: 200 },
    )
  })

  it('does not mind a depth of 100,000', () => {
    const deep = profileFrom(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')} 7`)
    expect(totalWeight(applyView(deep, { invert: false }))).toBe(7)
    expect(totalWeight(applyView(deep, { invert: true }))).toBe(7)
  })
})
