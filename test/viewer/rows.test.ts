import { expect, test } from 'vitest'
import { buildCallTree } from '../../src/profile/calltree.js'
import type { Profile, StackIndex } from '../../src/profile/profile.js'
import { totalsByAccount } from '../../viewer/src/tree/accounts.js'
import { isOpenIn, reveal, setOpen, setSubtreeOpen } from '../../viewer/src/tree/open-nodes.js'
import { heaviestPath, visibleRows } from '../../viewer/src/tree/rows.js'
import { findMatches } from '../../viewer/src/tree/search.js'
import { profileFrom, profileOf } from '../support/trees.js'

const profile = profileOf`
  main;a;b 5
  main;a;c;b 3
  main;d 9
  (garbage collector) 1
`
const tree = buildCallTree(profile)
const HEAVY = { all: false, toggled: new Set<StackIndex>() }

function text(isOpen: (node: StackIndex) => boolean): string[] {
  const { node, depth } = visibleRows(tree, isOpen)
  return Array.from(node, (each, i) => `${'  '.repeat(depth[i]!)}${nameOf(profile, each)}`)
}

function nameOf({ frames, stacks }: Profile, node: StackIndex): string {
  return frames[stacks.frame[node]!]!.name
}

const nodeNamed = (name: string) =>
  visibleRows(tree, () => true).node.find((node) => nameOf(profile, node) === name)!

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
  const closed = setSubtreeOpen(tree, HEAVY, nodeNamed('main'), false)
  expect(text(isOpenIn(tree, closed))).toEqual(['main', '(garbage collector)'])
  const opened = setOpen(tree, closed, [nodeNamed('main')], true)
  expect(text(isOpenIn(tree, opened))).toEqual(['main', '  d', '  a', '(garbage collector)'])
  expect(text(isOpenIn(tree, reveal(tree, closed, nodeNamed('c'))))).toEqual([
    'main',
    '  d',
    '  a',
    '    b',
    '    c',
    '(garbage collector)',
  ])
  expect(setSubtreeOpen(tree, closed, nodeNamed('main'), true)).toEqual(HEAVY)
})

test('matches stand in the order of the rows, nested ones count once', () => {
  const { nodes, covered } = findMatches(tree, 'A')
  expect(nodes.map((node) => nameOf(profile, node))).toEqual(['main', 'a', '(garbage collector)'])
  expect(covered).toBe(18)
  expect(findMatches(tree, 'B').covered).toBe(9)
  expect(findMatches(tree, '').nodes).toEqual([])
})

test('the heaviest path ends where the time divides', () => {
  expect(heaviestPath(tree, 0).map((node) => nameOf(profile, node))).toEqual(['main', 'd'])
  const from = heaviestPath(tree, nodeNamed('a'))
  expect(from.map((node) => nameOf(profile, node))).toEqual(['b'])
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
  const totals = totalsByAccount(waits)
  const atRoot = Object.fromEntries([...totals].map(([account, total]) => [account, total[0]]))
  expect(atRoot).toEqual({ cpu: 7, gc: 1, await: 7, blocked: 14, profiler: 1, unknown: 3 })
})

test('a chain of 100,000 calls is no deeper than any other', () => {
  const chain = buildCallTree(
    profileFrom(`${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(';')} 1`),
  )
  const { depth } = visibleRows(chain, () => true)
  expect(depth.at(-1)).toBe(99_999)
  expect(findMatches(chain, 'f99999').nodes).toHaveLength(1)
  expect(setSubtreeOpen(chain, HEAVY, 1, true).toggled.size).toBe(0)
})
