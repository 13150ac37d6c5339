import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import { buildCallTree, stackTimes, totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { frameKind } from '../../src/profile/frames.js'
import type { Labels, Profile, StackIndex } from '../../src/profile/profile.js'
import { isBlocked } from '../../src/profile/stack-waits.js'
import { finish } from '../../src/profile/steps.js'
import { locatorFor } from '../../src/render/paths.js'
import { styleFor } from '../../src/render/style.js'
import { renderText, summaryLines } from '../../src/render/text.js'
import { treeLines } from '../../src/render/tree-lines.js'
import { filterRecordings, filterSamples } from '../../src/transform/filter.js'
import { foldProfile } from '../../src/transform/fold.js'
import { matcherOf } from '../../src/transform/glob.js'
import { joinHelpers } from '../../src/transform/helpers.js'
import { invertProfile } from '../../src/transform/invert.js'
import { type Passed, sourcesOf } from '../../src/transform/pass.js'
import { pruneProfile } from '../../src/transform/prune.js'
import { type Range, rangeOf } from '../../src/transform/range.js'
import { subtreeOf } from '../../src/transform/subtree.js'
import { sumByStack } from '../../src/transform/sum-by-stack.js'
import { applyView, type View, viewsOf } from '../../src/transform/view.js'
import { buildTreeModel, treeSourceOf } from '../../viewer/src/tree/tree-model.js'
import { anyProfile } from '../support/arbitrary.js'
import { formatTree, profileFrom, profileOf } from '../support/trees.js'

const NEVER = () => false
const LIBRARIES = { libraries: true, hide: NEVER, show: NEVER }

const SERVER = `
  emit@node:events:1;handle@/app/node_modules/express/a.js:1;next@/app/node_modules/router/b.js:2;run@/app/node_modules/router/c.js:3;handler@/app/users.js:5 70
  emit@node:events:1;handle@/app/node_modules/express/a.js:1;next@/app/node_modules/router/b.js:2 10
  emit@node:events:1;handle@/app/node_modules/express/a.js:1;(garbage collector) 20
`

describe('fold', () => {
  test('keeps the first frame of a run and the one that leads back to the app', () => {
    expect(formatTree(foldProfile(profileFrom(SERVER), LIBRARIES).profile)).toEqual([
      'emit 100 0',
      '  [2 frames hidden] router, express 100 10',
      '    run 70 0',
      '      handler 70 70',
      '    (garbage collector) 20 20',
    ])
  })

  test('shows a folded frame that has a fifth of all time of its own', () => {
    const profile = profileFrom(`
      a@node:a:1;b@node:b:1;c@node:c:1;hot@node:d:1 30
      a@node:a:1;b@node:b:1;c@node:c:1 5
      main@/app/m.js:1 65
    `)
    expect(formatTree(foldProfile(profile, LIBRARIES).profile)).toEqual([
      'main 65 65',
      'a 35 0',
      '  [2 frames hidden] node 35 5',
      '    hot 30 30',
    ])
  })

  test('leaves the runs alone that stand open, named by any of their stacks', () => {
    const profile = profileFrom(SERVER)
    const handle = profile.stacks.frame.indexOf(
      profile.frames.findIndex(({ name }) => name === 'handle'),
    )
    const opened = foldProfile(profile, { ...LIBRARIES, unfolded: [handle] }).profile
    expect(formatTree(opened)).toEqual(formatTree(profile))
    const other = foldProfile(profile, { ...LIBRARIES, unfolded: [0, 99] }).profile
    expect(formatTree(other)).toEqual(formatTree(foldProfile(profile, LIBRARIES).profile))
  })

  test('leaves a run alone that would hide less than two', () => {
    const profile = profileOf`main@/m.js:1;a@node:a:1;b@node:b:1;cb@/m.js:9 5`
    const tree = ['main 5 0', '  a 5 0', '    b 5 0', '      cb 5 5']
    expect(formatTree(foldProfile(profile, LIBRARIES).profile)).toEqual(tree)
  })

  test('never folds what is shown, and folds what is hidden, except where it is hot', () => {
    const lines = 'main@/m.js:1;x@/gen/a.js:1;y@/gen/b.js:1;z@/gen/c.js:1;w@/gen/d.js:1 5'
    const rules = { libraries: true, hide: matcherOf(['/gen/*']), show: matcherOf(['w']) }
    expect(formatTree(foldProfile(profileFrom(lines), rules).profile)).toEqual([
      'main 5 0',
      '  x 5 0',
      '    y 5 0',
      '      z 5 0',
      '        w 5 5',
    ])
    expect(formatTree(foldProfile(profileFrom(lines), { ...rules, show: NEVER }).profile)).toEqual([
      'main 5 0',
      '  x 5 0',
      '    [2 frames hidden] 5 0',
      '      w 5 5',
    ])
  })

  test('does not take frames without a file for the engine', () => {
    const profile = profileOf`a;b;c;d 5`
    const tree = ['a 5 0', '  b 5 0', '    c 5 0', '      d 5 5']
    expect(formatTree(foldProfile(profile, LIBRARIES).profile)).toEqual(tree)
  })

  test('keeps the name of the request that was in the way', () => {
    const profile = profileFrom(
      'q@/app/node_modules/pg/a.js:1;[blocked];GET /report;r@/app/r.js:1 5',
    )
    expect(formatTree(foldProfile(profile, LIBRARIES).profile)).toEqual([
      'q 5 0',
      '  [blocked] 5 0',
      '    GET /report 5 0',
      '      r 5 5',
    ])
  })
})

describe('prune', () => {
  test('gives small calls to their caller, or joins them where they are many', () => {
    const profile = profileFrom(`
      main;a 90
      main;a;d 1
      main;b 6
      main;c 5
    `)
    expect(formatTree(pruneProfile(profile, 0.08).profile)).toEqual([
      'main 102 0',
      '  a 91 91',
      '  [2 small calls] 11 11',
    ])
  })

  test('takes away nothing at 0 but calls without time', () => {
    const profile = profileFrom('main;a 3\nmain;b 0')
    expect(formatTree(pruneProfile(profile, 0).profile)).toEqual(['main 3 0', '  a 3 3'])
    expect(pruneProfile(profile, 0).profile.stacks.frame.length).toBe(3)
  })
})

describe('invert', () => {
  test('puts callers below functions', () => {
    expect(formatTree(invertProfile(profileFrom('main;a;b 3\nmain;b 2')).profile)).toEqual([
      'b 5 0',
      '  a 3 0',
      '    main 3 3',
      '  main 2 2',
    ])
  })

  test('keeps what ran for others apart from a request’s own calls', () => {
    const profile = profileFrom(`
      f;add 3
      f;[await] db 2
      f;[await] db;[blocked];GET /x;g;add 50
      f;[await] db;[blocked];GET /x;g;[blocked];add 4
      f;[await] db;[blocked];f 6
      f;[await] db;[blocked] 1
      f;[foreign time while waiting (version 1)];GET /y;add 7
    `)
    const inverted = invertProfile(profile).profile
    expect(formatTree(inverted)).toEqual([
      '[blocked] 61 0',
      '  add 54 0',
      '    g 50 0',
      '      GET /x 50 0',
      '        [blocked] 50 0',
      '          [await] db 50 0',
      '            f 50 50',
      '    [blocked] 4 0',
      '      g 4 0',
      '        GET /x 4 0',
      '          [blocked] 4 0',
      '            [await] db 4 0',
      '              f 4 4',
      '  f 6 0',
      '    [blocked] 6 0',
      '      [await] db 6 0',
      '        f 6 6',
      '  [blocked] 1 0',
      '    [await] db 1 0',
      '      f 1 1',
      '[foreign time while waiting (version 1)] 7 0',
      '  add 7 0',
      '    GET /y 7 0',
      '      [foreign time while waiting (version 1)] 7 0',
      '        f 7 7',
      'add 3 0',
      '  f 3 3',
      '[await] db 2 0',
      '  f 2 2',
    ])
  })

  test('has each function’s own time in its row, and below [blocked] what it did for others', () => {
    fc.assert(
      fc.property(anyProfile(), (profile) => {
        const { self, inTheWaySelf } = buildFunctionTable(profile)
        const inverted = invertProfile(profile).profile
        expect(totalWeight(inverted)).toBe(totalWeight(profile))
        const { frames, stacks } = inverted
        const { total } = stackTimes(inverted)
        const own = new Float64Array(frames.length)
        const others = new Float64Array(frames.length)
        for (let i = 1; i < total.length; i++) {
          const above = stacks.parent[i]!
          const isTop = above === 0
          const isBelowTop = !isTop && stacks.parent[above] === 0 && isBlocked(inverted, above)
          if (isTop && !isBlocked(inverted, i)) own[stacks.frame[i]!]! += total[i]!
          if (isBelowTop) others[stacks.frame[i]!]! += total[i]!
        }
        for (let i = 1; i < frames.length; i++) {
          // Who was in the way is not known: `[blocked]` itself.
          const isNobody = frameKind(frames[i]!) === 'blocked'
          expect(own[i]).toBe(isNobody ? 0 : self[i])
          expect(others[i]).toBe(inTheWaySelf[i]! + (isNobody ? self[i]! : 0))
        }
      }),
    )
  })

  test('leaves out callers beyond the levels', () => {
    expect(formatTree(invertProfile(profileFrom('main;a;b 3'), 2).profile)).toEqual([
      'b 3 0',
      '  a 3 3',
    ])
  })
})

describe('subtree', () => {
  test('shows one call and what it called as if nothing had called it', () => {
    const profile = profileOf`
      main;a;b 3 {worker=1}
      main;a 2
      main;c 1
      a;b 7
    `
    const below = subtreeOf(profile, 2).profile
    expect(formatTree(checkProfile(below))).toEqual(['a 5 2', '  b 3 3'])
    expect(below.labelSets[below.samples.labelSet[0]!]).toEqual(new Map([['worker', '1']]))
    expect(below.timeline).toBe(false)
    expect(subtreeOf(profile, 0).profile).toBe(profile)
  })

  test('has the total of its call, wherever it is', () => {
    fc.assert(
      fc.property(PROFILE, fc.nat(), (profile, n) => {
        const top = n % profile.stacks.frame.length
        const below = checkProfile(subtreeOf(profile, top).profile)
        expect(totalWeight(below)).toBe(buildCallTree(profile).total[top])
      }),
    )
  })
})

describe('filter', () => {
  test('keeps the samples with the labels', () => {
    const profile = profileFrom(`
      main;a 3 {route=GET /x, worker=1}
      main;b 2 {route=GET /y, worker=2}
      main;c 1
    `)
    const kept = filterRecordings(profile, { route: 'GET /x' }).profile
    expect(formatTree(checkProfile(kept))).toEqual(['main 3 0', '  a 3 3'])
    expect(kept.timeline).toBe(false)
    expect(kept.frames.map(({ name }) => name)).toEqual(['(root)', 'main', 'a'])
    expect(formatTree(filterRecordings(profile, { worker: '2' }).profile)).toEqual([
      'main 2 0',
      '  b 2 2',
    ])
  })
})

describe('globs', () => {
  test.each([
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

  test('takes no time to speak of on a hostile pattern', () => {
    // It would not end at all.
    const start = performance.now()
    matcherOf([`${'a*'.repeat(50)}b`])({ name: 'a'.repeat(1000), file: '', line: 0, column: 0 })
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

/** Names that are traps for objects, packages, engine and synthetic frames. */
const FRAME = fc.constantFrom(
  ...['__proto__', 'constructor', 'a@/app/a.js:1', 'b@/app/b.js:2', 'c@node:c:1', 'd@node:d:1'],
  ...['e@/app/node_modules/e/e.js:1', 'f@/app/node_modules/@s/f/f.js:1', '(garbage collector)'],
  ...['[await] TCP', '[blocked]', '[unknown]', 'native'],
  ...['__awaiter@/app/a.js:9', 'next'],
)
const PROFILE = fc
  .array(
    fc.tuple(fc.array(FRAME, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 1000 })),
    { minLength: 1, maxLength: 30 },
  )
  .map((lines) => profileFrom(lines.map(([frames, n]) => `${frames.join(';')} ${n}`).join('\n')))

/** What is left of each source's time: what a pass cuts away is cut from the source first. */
type Left = (profile: Profile, share: number) => Profile

const ALL_TIME: Left = (profile) => profile

const PASSES: [string, (profile: Profile, share: number) => Passed, Left?][] = [
  ['sum', sumByStack],
  ['join', (profile) => joinHelpers(profile, NEVER)],
  ['prune', pruneProfile],
  ['fold', (profile) => foldProfile(profile, LIBRARIES)],
  [
    'fold with open runs',
    (profile, share) => foldProfile(profile, { ...LIBRARIES, unfolded: [stackAt(profile, share)] }),
  ],
  ['invert', (profile) => invertProfile(profile)],
  ['invert at two levels', (profile) => invertProfile(profile, 2)],
  ['subtree', (profile, share) => subtreeOf(profile, stackAt(profile, share))],
  [
    'range',
    (profile, share) => rangeOf(profile, firstPart(profile, share)),
    (profile, share) => rangeOf(profile, firstPart(profile, share)).profile,
  ],
  [
    'filter',
    (profile) => filterSamples(profile, isWanted),
    (profile) => {
      const { samples, labelSets } = profile
      const weight = samples.weight.map((each, i) =>
        isWanted(labelSets[samples.labelSet[i]!]!) ? each : 0,
      )
      return { ...profile, samples: { ...samples, weight } }
    },
  ],
  [
    'all',
    (profile, threshold) => finish(viewsOf(profile)({ threshold, invert: true, hide: ['a'] })),
  ],
  [
    'all but invert',
    (profile, threshold) => finish(viewsOf(profile)({ threshold, show: ['__awaiter'] })),
  ],
  [
    'all on sums',
    (profile, threshold) =>
      finish(viewsOf(profile, sumByStack(profile))({ threshold, invert: true })),
  ],
]
const CUTS = new Set(['subtree', 'range', 'filter'])
const SHARE = fc.double({ min: 0, max: 1, noNaN: true })

const isWanted = (labels: Labels) => labels.get('route') !== 'a'

function firstPart(profile: Profile, share: number): Range {
  return { from: 0, to: Math.round(share * totalWeight(profile)) }
}

function stackAt({ stacks }: Profile, share: number): StackIndex {
  return Math.min(stacks.frame.length - 1, Math.floor(share * stacks.frame.length))
}

describe('every pass', () => {
  test.each(PASSES)(
    '%s: stacks lead back to what their time came from',
    (_name, pass, left = ALL_TIME) => {
      fc.assert(
        fc.property(fc.oneof(PROFILE, anyProfile()), SHARE, (profile, share) => {
          const passed = pass(profile, share)
          const { self } = stackTimes(checkProfile(passed.profile))
          const source = stackTimes(left(profile, share)).self
          const back = sourcesOf(passed)
          const sums = self.map((_, stack) =>
            back(stack).reduce((sum, from) => sum + source[from]!, 0),
          )
          expect(sums).toEqual(self)
        }),
        { numRuns: 200 },
      )
    },
  )

  test.each(PASSES.filter(([name]) => !CUTS.has(name)))('%s conserves time', (name, pass) => {
    fc.assert(
      fc.property(fc.oneof(PROFILE, anyProfile()), SHARE, (profile, share) => {
        const { profile: seen, stackOf } = pass(profile, share)
        expect(totalWeight(seen)).toBe(totalWeight(profile))
        if (name.includes('sum')) return
        expect(seen.samples.weight).toEqual(profile.samples.weight)
        expect(seen.samples.labelSet).toEqual(profile.samples.labelSet)
        expect(seen.samples.stack).toEqual(profile.samples.stack.map((stack) => stackOf[stack]!))
      }),
      { numRuns: 200 },
    )
  })

  test.each(PASSES)('%s that changes nothing gives back the very same profile', (_name, pass) => {
    fc.assert(
      fc.property(fc.oneof(PROFILE, anyProfile()), SHARE, (profile, share) => {
        const { profile: seen } = pass(profile, share)
        if (isDeepStrictEqual(seen, profile)) expect(seen).toBe(profile)
      }),
      { numRuns: 200 },
    )
    const nothing = profileFrom('a;a 1', { timeline: false })
    expect(pass(nothing, 0).profile === nothing).toBe(true)
  })

  test('does not mind a depth of 100,000', () => {
    const deep = profileFrom(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')} 7`)
    expect(totalWeight(applyView(deep, { invert: false }))).toBe(7)
    expect(totalWeight(applyView(deep, { invert: true }))).toBe(7)
  })
})

const COMPILED = `
  main@/app/m.js:1;load@/app/l.js:3;__awaiter@/app/l.js:1;load@/app/l.js:4;parse@/app/l.js:9 50
  main@/app/m.js:1;load@/app/l.js:3;__awaiter@/app/l.js:1;load@/app/l.js:4 2
  main@/app/m.js:1;load@/app/l.js:3;__awaiter@/app/l.js:1;next;load@/app/l.js:3 4
  main@/app/m.js:1;load@/app/l.js:3;__awaiter@/app/l.js:1 1
  main@/app/m.js:1;never@/app/m.js:2 0
`

describe('the command line and the page show the same tree', () => {
  const all = { threshold: 0 }
  const cases: [string, string, View, string[]][] = [
    [
      'with compilers’ helpers joined',
      COMPILED,
      all,
      [
        '57 samples  main  /app/m.js:1',
        '`- 57 samples  load  /app/l.js:3',
        '   |- 52 samples  load  /app/l.js:4',
        '   |  |- 50 samples  parse  /app/l.js:9',
        '   |  `- 2 samples  [self]',
        '   `- 5 samples  [self]',
      ],
    ],
    [
      'with every call',
      COMPILED,
      { ...all, foldLibraries: false },
      [
        '57 samples  main  /app/m.js:1',
        '`- 57 samples  load  /app/l.js:3',
        '   `- 57 samples  __awaiter  /app/l.js:1',
        '      |- 52 samples  load  /app/l.js:4',
        '      |  |- 50 samples  parse  /app/l.js:9',
        '      |  `- 2 samples  [self]',
        '      |- 4 samples  next',
        '      |  `- 4 samples  load  /app/l.js:3',
        '      `- 1 sample  [self]',
      ],
    ],
    [
      'with callers below functions, and helpers joined before',
      COMPILED,
      { ...all, invert: true },
      [
        '50 samples  parse  /app/l.js:9',
        '`- 50 samples  load  /app/l.js:4',
        '   `- 50 samples  load  /app/l.js:3',
        '      `- 50 samples  main  /app/m.js:1',
        '5 samples  load  /app/l.js:3',
        '`- 5 samples  main  /app/m.js:1',
        '2 samples  load  /app/l.js:4',
        '`- 2 samples  load  /app/l.js:3',
        '   `- 2 samples  main  /app/m.js:1',
      ],
    ],
    [
      'with packages folded and small calls left out',
      `${SERVER}\n main@/app/m.js:1;small@/app/m.js:2 2`,
      { threshold: 0.05 },
      [
        '100 samples  emit  node:events:1',
        '`- 100 samples  [2 frames hidden] router, express',
        '   |- 70 samples  run  router/c.js:3',
        '   |  `- 70 samples  handler  /app/users.js:5',
        '   |- 20 samples  (garbage collector)',
        '   `- 10 samples  [self]',
      ],
    ],
    [
      'with what a glob shows',
      COMPILED,
      { threshold: 0.5, show: ['__awaiter'] },
      [
        '57 samples  main  /app/m.js:1',
        '`- 57 samples  load  /app/l.js:3',
        '   `- 57 samples  __awaiter  /app/l.js:1',
        '      `- 52 samples  load  /app/l.js:4',
        '         `- 50 samples  parse  /app/l.js:9',
      ],
    ],
    [
      'with a group that stands open',
      SERVER,
      { ...all, unfolded: [2] },
      [
        '100 samples  emit  node:events:1',
        '`- 100 samples  handle  express/a.js:1',
        '   |- 80 samples  next  router/b.js:2',
        '   |  |- 70 samples  run  router/c.js:3',
        '   |  |  `- 70 samples  handler  /app/users.js:5',
        '   |  `- 10 samples  [self]',
        '   `- 20 samples  (garbage collector)',
      ],
    ],
    ['of nothing but the root', '(root) 3\nmain 0', all, ['3 samples  (root)']],
  ]
  test.each(cases)('%s', (_name, lines, view, tree) => {
    const profile = profileFrom(lines, { unit: 'samples' })
    expect(treeOfReport(profile, view)).toEqual(tree)
    expect(treeOfPage(profile, view)).toEqual(tree)
  })

  test('whatever they are asked for, whatever was asked before', () => {
    const globs = fc.subarray(['*a*', '*/e/*', '__awaiter'])
    const anyView = fc.record({
      invert: fc.boolean(),
      foldLibraries: fc.boolean(),
      threshold: fc.constantFrom(0, 0.01, 0.3),
      hide: globs,
      show: globs,
    })
    const views = fc.array(anyView, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.oneof(PROFILE, anyProfile()), views, (any, asked) => {
        const profile = { ...any, unit: 'samples' as const }
        const source = finish(treeSourceOf(profile))
        for (const view of asked) {
          expect(treeOfPage(profile, view, source)).toEqual(treeOfReport(profile, view))
        }
      }),
      { numRuns: 200 },
    )
  })
})

/** Behind the head, and what is said before the tree. */
function treeOfReport(profile: Profile, view: View): string[] {
  const text = renderText(profile, view)
  const lines = text.slice(0, -1).split('\n')
  const style = styleFor({ color: false, unicode: false })
  const isEmpty = profile.samples.stack.length === 0
  const before = isEmpty ? [] : [...summaryLines(profile, locatorFor(profile), style)]
  return lines.slice(lines.indexOf('') + 1 + before.length)
}

function treeOfPage(
  profile: Profile,
  view: View,
  source = finish(treeSourceOf(profile)),
): string[] {
  const { tree } = finish(buildTreeModel(source, view))
  const style = styleFor({ color: false, unicode: false })
  if (profile.samples.stack.length === 0) return ['No samples were recorded.']
  return [...treeLines(tree.profile, source.locationOf, style, view.threshold!)]
}
