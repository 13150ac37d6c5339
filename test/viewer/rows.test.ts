import fc from 'fast-check'
import { expect, test } from 'vitest'
import { framesOf } from '../../src/profile/calltree.js'
import type { Profile, StackIndex } from '../../src/profile/profile.js'
import { finish } from '../../src/profile/steps.js'
import { invertProfile } from '../../src/transform/invert.js'
import type { View } from '../../src/transform/view.js'
import { readLocation, writeLocation } from '../../viewer/src/page-location.js'
import { groupAfter } from '../../viewer/src/tree/groups.js'
import { isOpenIn, type OpenNodes, reveal, setOpen } from '../../viewer/src/tree/open-nodes.js'
import { sameFunction } from '../../viewer/src/tree/same-function.js'
import { searchIn } from '../../viewer/src/tree/search.js'
import { buildTreeModel, treeSourceOf } from '../../viewer/src/tree/tree-model.js'
import { heaviestPath, visibleRows } from '../../viewer/src/tree/tree-rows.js'
import { anyProfile } from '../support/arbitrary.js'
import { formatTree, profileFrom, profileOf } from '../support/trees.js'

const profile = profileOf`
  main;a;b 5
  main;a;c;b 3
  main;d 9
  (garbage collector) 1
`
const ALL: View = { foldLibraries: false }
const modelOf = (of: Profile, view = ALL, unfolded: number[] = []) =>
  finish(buildTreeModel(finish(treeSourceOf(of)), { threshold: 0, ...view, unfolded }))
const model = modelOf(profile)
const { tree } = model
const HEAVY: OpenNodes = { open: 'heavy', overrides: [] }

function text(isOpen: (node: StackIndex) => boolean): string[] {
  const { node, depth } = visibleRows(tree, isOpen)
  return Array.from(node, (each, i) => `${'  '.repeat(depth[i]!)}${nameOf(tree.profile, each)}`)
}

function nameOf({ frames, stacks }: Profile, node: StackIndex): string {
  return frames[stacks.frame[node]!]!.name
}

const nodeNamed = (name: string) =>
  visibleRows(tree, () => true).node.find((node) => nameOf(tree.profile, node) === name)!

test('rows are the open nodes, heaviest first', () => {
  expect(text(() => true)).toEqual([
    'main',
    '  d',
    '  a',
    '    b',
    '    c',
    '      b',
    '(garbage collector)',
  ])
  expect(text((node) => nameOf(profile, node) === 'main')).toEqual([
    'main',
    '  d',
    '  a',
    '(garbage collector)',
  ])
  expect(text(() => false)).toEqual(['main', '(garbage collector)'])
})

test('a subtree closes and opens, and a node is revealed with its callers', () => {
  const closed = setOpen(model, HEAVY, nodeNamed('main'), false, 'subtree')
  expect(text(isOpenIn(model, closed))).toEqual(['main', '(garbage collector)'])
  const opened = setOpen(model, closed, nodeNamed('main'), true)
  expect(text(isOpenIn(model, opened))).toEqual(['main', '  d', '  a', '(garbage collector)'])
  const revealed = reveal(model, closed, nodeNamed('c'))
  expect(text(isOpenIn(model, revealed))).toEqual([
    'main',
    '  d',
    '  a',
    '    b',
    '    c',
    '(garbage collector)',
  ])
  expect(reveal(model, revealed, nodeNamed('c'))).toBe(revealed)
  const again = setOpen(model, revealed, nodeNamed('main'), true, 'subtree')
  expect(text(isOpenIn(model, again))).toEqual(text(() => true))
  const link = writeLocation({ view: 'tree', selection: { by: 'all' }, settings: revealed })
  expect(readLocation(link).settings).toMatchObject(revealed)
})

test('an address with nonsense opens what it would without', () => {
  const link = '#/tree?all&x=1.-x.99999999999999.1e3.77777.-1.*&open=all'
  const open = readLocation(link).settings as OpenNodes
  expect(text(isOpenIn(model, open))).toEqual(['main', '(garbage collector)'])
})

test('matches stand in the order of the rows, nested ones count once', () => {
  const search = searchIn(tree)
  const { nodes, covered } = search('A')
  expect(Array.from(nodes, (node) => nameOf(tree.profile, node))).toEqual([
    'main',
    'a',
    '(garbage collector)',
  ])
  expect(covered).toBe(18)
  expect(search('B').covered).toBe(9)
  expect(search('').nodes).toHaveLength(0)
})

test('what is found in code of others is no time of the request’s own calls', () => {
  const { tree } = modelOf(
    profileFrom('f;add 1\nf;[await] t;[blocked];GET /x;add;add 9\nf;[await] t;[blocked];GET /y 5'),
  )
  const found = (text: string, of = tree, inverted = false) => {
    const { covered, inTheWay } = searchIn(of, inverted)(text)
    return `${covered}, ${inTheWay} in the way`
  }
  expect(found('add')).toBe('1, 9 in the way')
  expect(found('GET')).toBe('0, 14 in the way')
  // It waited for all of them.
  expect(found('f')).toBe('15, 0 in the way')
  const { tree: turned } = modelOf(tree.profile, { ...ALL, invert: true })
  expect(found('add', turned, true)).toBe('1, 9 in the way')
  expect(found('[await]', turned, true)).toBe('14, 0 in the way')
})

test('a search goes on from the one before, and back, as if it were the first', () => {
  const text = fc.constantFrom('a', 'A', 'ai', 'ain', 'b', 'c', '', 'gar', 'g', 'x')
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), (texts) => {
      const search = searchIn(tree)
      for (const each of texts) expect(search(each)).toEqual(searchIn(tree)(each))
    }),
  )
})

test('the heaviest path ends where the time divides', () => {
  expect(heaviestPath(tree, 0).map((node) => nameOf(tree.profile, node))).toEqual(['main', 'd'])
  const from = heaviestPath(tree, nodeNamed('a'))
  expect(from.map((node) => nameOf(tree.profile, node))).toEqual(['b'])
})

test('what runs below a wait belongs to the wait, and a wait may be blocked', () => {
  const waits = profileOf`
    main;[blocked];GET /x;work 4
    main;[blocked];(garbage collector) 2
    main;[await] timer 5 ms 5
    main;[await] file;[blocked];GET /x;work 8
    main;[await] file;work 2
    main;[await] file;[profiler] 1
    main;(garbage collector) 1
    main 7
    [unknown] 3
  `
  for (const view of [ALL, { invert: true, foldLibraries: false }, { threshold: 0.4 }]) {
    const { accounts } = modelOf(waits, view)
    const atRoot = Object.fromEntries([...accounts].map(([account, total]) => [account, total[0]]))
    expect(atRoot).toEqual({ cpu: 7, gc: 1, await: 7, blocked: 14, profiler: 1, unknown: 3 })
  }
})

test('the accounts of every row add up to its total, in every view', () => {
  const view = fc.record({
    invert: fc.boolean(),
    foldLibraries: fc.boolean(),
    threshold: fc.constantFrom(0, 0.01, 0.3),
    hide: fc.subarray(['*a*', '*.js']),
  })
  fc.assert(
    fc.property(anyProfile({ labels: false }), view, (any, wanted) => {
      const { tree, accounts } = modelOf(any, wanted)
      for (let node = 0; node < tree.total.length; node++) {
        let sum = 0
        for (const total of accounts.values()) sum += total[node]!
        expect(sum).toBe(tree.total[node])
      }
    }),
  )
})

const LIBRARIES = profileOf`
  main;next@/n/node_modules/x/i.js:1:1;run@/n/node_modules/x/i.js:2:1;go@/n/node_modules/x/i.js:3:1;done@/n/node_modules/x/i.js:4:1;work@/a.js:1:1 9
  main;next@/n/node_modules/x/i.js:1:1;low@/n/node_modules/y/i.js:2:1;lib@/n/node_modules/y/i.js:3:1 1
`

test('a folded group opens in place and folds again', () => {
  const folded = modelOf(LIBRARIES, {})
  expect(formatTree(folded.tree.profile)).toEqual([
    'main 10 0',
    '  next 10 0',
    '    [4 frames hidden] y, x 10 1',
    '      done 9 0',
    '        work 9 9',
  ])
  const hidden = folded.nodeOf[3]!
  const step = groupAfter(folded, [], hidden)!
  const opened = modelOf(LIBRARIES, {}, [...step.groups])
  expect(formatTree(opened.tree.profile)).toEqual(formatTree(LIBRARIES))
  const inside = opened.nodeOf[step.stack]!
  expect(nameOf(opened.tree.profile, inside)).toBe('run')
  expect(groupAfter(opened, step.groups, inside)).toEqual({ groups: [], stack: step.stack })
  expect(groupAfter(opened, step.groups, 1)).toBe(null)
})

test('a place in the address is the same place whatever is folded', () => {
  const all = modelOf(LIBRARIES)
  const folded = modelOf(LIBRARIES, {})
  const work = all.tree.profile.frames.findIndex(({ name }) => name === 'work')
  const stack = all.stackOf[all.tree.profile.stacks.frame.indexOf(work)]!
  expect(nameOf(all.tree.profile, all.nodeOf[stack]!)).toBe('work')
  expect(nameOf(folded.tree.profile, folded.nodeOf[stack]!)).toBe('work')
})

test('inverted, the place is the function', () => {
  const inverted = modelOf(profile, { invert: true, foldLibraries: false }).base
  const stack = model.stackOf[nodeNamed('c')]!
  const straight = { profile: model.base, inverted: false }
  const upside = { profile: inverted, inverted: true }
  const there = finish(sameFunction(straight, model.stackOf[nodeNamed('b')]!, upside))
  expect(nameOf(inverted, there)).toBe('b')
  expect(inverted.stacks.parent[there]).toBe(0)
  const back = finish(sameFunction(upside, there, straight))
  expect(nameOf(profile, profile.stacks.parent[back]!)).toBe('a')
  expect(nameOf(model.base, stack)).toBe('c')
})

test('inverted, what a function did for others is not at its own place', () => {
  const straight = profileFrom('f;add 1\nf;[await] t;[blocked];GET /x;add 9\nf;[await] t 3')
  const { profile: upside } = invertProfile(straight)
  const there = (stack: StackIndex) =>
    finish(
      sameFunction({ profile: straight, inverted: false }, stack, {
        profile: upside,
        inverted: true,
      }),
    )
  const path = (of: Profile, stack: StackIndex) =>
    framesOf(of, stack)
      .map(({ name }) => name)
      .join(';')
  const [own, others, timer] = [2, 6, 3]
  expect([own, others, timer].map((stack) => path(straight, stack))).toEqual([
    'f;add',
    'f;[await] t;[blocked];GET /x;add',
    'f;[await] t',
  ])
  expect([own, others, timer].map((stack) => path(upside, there(stack)))).toEqual([
    'add',
    '[blocked];add',
    '[blocked];add;GET /x;[blocked];[await] t',
  ])
  const back = (stack: StackIndex) =>
    finish(
      sameFunction({ profile: upside, inverted: true }, stack, {
        profile: straight,
        inverted: false,
      }),
    )
  expect([own, others].map((stack) => back(there(stack)))).toEqual([own, others])
})

test('a chain of 100,000 calls is no deeper than any other', () => {
  const chain = modelOf(
    profileFrom(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')} 1`),
  )
  const last = chain.tree.self.length - 1
  expect(visibleRows(chain.tree, () => true).depth.at(-1)).toBe(99_999)
  expect(searchIn(chain.tree)('f99999').nodes).toHaveLength(1)
  const closed = setOpen(chain, HEAVY, 1, false, 'subtree')
  expect(visibleRows(chain.tree, isOpenIn(chain, closed)).node).toHaveLength(1)
  const open = reveal(chain, closed, last)
  expect(open.overrides).toHaveLength(2)
  expect(visibleRows(chain.tree, isOpenIn(chain, open)).node).toHaveLength(100_000)
})

test('folding keeps the base of callers, and with it every place, unless helpers come and go', () => {
  const inverted: View = { invert: true, threshold: 0 }
  const baseIn = (of: Profile) => {
    const { shownIn } = finish(treeSourceOf(of))
    const folded = finish(shownIn(inverted)).base
    return folded === finish(shownIn({ ...inverted, foldLibraries: false, hide: ['a'] })).base
  }
  expect(baseIn(LIBRARIES)).toBe(true)
  expect(baseIn(profileOf`load@/a.js:1;__awaiter@/a.js:2;parse@/a.js:3 1`)).toBe(false)
})
