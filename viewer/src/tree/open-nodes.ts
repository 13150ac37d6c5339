import type { StackIndex } from '../../../src/profile/profile.js'
import type { TreeModel } from './tree-model.js'
import { openAtFirst } from './tree-rows.js'

/**
 * Which nodes are open: all, or the heavy ones (of callers, none), apart from what the reader
 * wished; later wishes are stronger.
 */
export interface OpenNodes {
  readonly all: boolean
  readonly wishes: readonly Wish[]
}

/** Counted by the stacks of the base, so that it holds whatever is folded. */
export interface Wish {
  readonly stack: StackIndex
  readonly reach: Reach
  readonly open: boolean
}

export type Reach = 'node' | 'subtree' | 'callers'

/**
 * As settings of the address: `x=12.-45.7*.9~`, `-` for closed, `*` with all below, `~` all above.
 */
export function writeOpenNodes({ all, wishes }: OpenNodes): Record<string, string> {
  const texts = wishes.map(({ stack, reach, open }) => (open ? '' : '-') + stack + MARKS[reach])
  return { open: all ? 'all' : '', x: texts.join('.') }
}

export function readOpenNodes(settings: Readonly<Record<string, string>>): OpenNodes {
  const wishes = (settings.x ?? '').split('.').flatMap((text) => {
    const match = /^(-?)(\d{1,10})([*~]?)$/.exec(text)
    if (!match) return []
    const reach = REACHES.find((each) => MARKS[each] === match[3])!
    return [{ stack: Number(match[2]), reach, open: match[1] === '' }]
  })
  return { all: settings.open === 'all', wishes }
}

/** O(nodes): the wishes are looked up once for all of them. */
export function isOpenIn(model: TreeModel, open: OpenNodes): (node: StackIndex) => boolean {
  const first = openBefore(model, open)
  if (open.wishes.length === 0) return first
  const wishOf = strongestWishes(model, open.wishes)
  return (node) => open.wishes[wishOf[node]!]?.open ?? first(node)
}

/** The same with a node, all below it or all above it open or closed. */
export function setOpen(
  { stackOf }: TreeModel,
  open: OpenNodes,
  node: StackIndex,
  wanted: boolean,
  reach: Reach = 'node',
): OpenNodes {
  const stack = stackOf[node]!
  const others = open.wishes.filter((wish) => wish.stack !== stack || wish.reach !== reach)
  return { ...open, wishes: [...others, { stack, reach, open: wanted }].slice(-MOST_IN_LINK) }
}

/** Opens the callers of a node, so that it is on show. */
export function reveal(model: TreeModel, open: OpenNodes, node: StackIndex): OpenNodes {
  return isOnShow(model, isOpenIn(model, open), node)
    ? open
    : setOpen(model, open, node, true, 'callers')
}

/** Are all callers of the node open? */
export function isOnShow(
  { tree }: TreeModel,
  isOpen: (node: StackIndex) => boolean,
  node: StackIndex,
): boolean {
  const { parent } = tree.profile.stacks
  let above = parent[node]!
  while (above > 0 && isOpen(above)) above = parent[above]!
  return above <= 0
}

// --- internal ---

/** The latest are kept. */
const MOST_IN_LINK = 300
const REACHES: readonly Reach[] = ['node', 'subtree', 'callers']
const MARKS: Readonly<Record<Reach, string>> = { node: '', subtree: '*', callers: '~' }

function openBefore(
  { inverted, tree }: TreeModel,
  { all }: OpenNodes,
): (node: StackIndex) => boolean {
  if (all) return () => true
  return inverted ? () => false : openAtFirst(tree)
}

/** For each node the index of the latest wish that concerns it; -1 for none. */
function strongestWishes({ tree, nodeOf }: TreeModel, wishes: readonly Wish[]): Int32Array {
  const { parent } = tree.profile.stacks
  const below = new Int32Array(parent.length).fill(-1)
  const own = new Int32Array(parent.length).fill(-1)
  for (const [index, { stack, reach }] of wishes.entries()) {
    const node = nodeOf[stack]
    if (node === undefined) continue
    if (reach === 'node') own[node] = index
    else if (reach === 'subtree') below[node] = index
    else for (let i = parent[node]!; i > 0; i = parent[i]!) own[i] = index
  }
  for (let i = 1; i < parent.length; i++) {
    below[i] = Math.max(below[i]!, below[parent[i]!]!)
    own[i] = Math.max(own[i]!, below[i]!)
  }
  return own
}
