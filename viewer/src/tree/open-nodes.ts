import type { CallTree } from '../../../src/profile/calltree.js'
import type { StackIndex } from '../../../src/profile/profile.js'
import { callersOf, openAtFirst, subtreeOf } from './rows.js'

/** Which nodes are open: all or the heavy ones, apart from those that the reader toggled. */
export interface OpenNodes {
  readonly all: boolean
  readonly toggled: ReadonlySet<StackIndex>
}

/** As settings of the address. More toggles than fit in a link are forgotten by it. */
export function writeOpenNodes({ all, toggled }: OpenNodes): Record<string, string> {
  const nodes = toggled.size > MOST_IN_LINK ? '' : [...toggled].join('.')
  return { open: all ? 'all' : '', x: nodes }
}

export function readOpenNodes(settings: Readonly<Record<string, string>>): OpenNodes {
  const nodes = (settings.x ?? '').split('.').filter(Boolean).map(Number)
  return { all: settings.open === 'all', toggled: new Set(nodes) }
}

export function isOpenIn(tree: CallTree, open: OpenNodes): (node: StackIndex) => boolean {
  const first = open.all ? () => true : openAtFirst(tree)
  return (node) => first(node) !== open.toggled.has(node)
}

/** The same with these nodes open, or closed. */
export function setOpen(
  tree: CallTree,
  open: OpenNodes,
  nodes: Iterable<StackIndex>,
  wanted: boolean,
): OpenNodes {
  const isOpen = isOpenIn(tree, open)
  const toggled = new Set(open.toggled)
  for (const node of nodes) {
    if (isOpen(node) === wanted) continue
    if (!toggled.delete(node)) toggled.add(node)
  }
  return { ...open, toggled }
}

/** Opens or closes a node and everything below it. */
export function setSubtreeOpen(
  tree: CallTree,
  open: OpenNodes,
  root: StackIndex,
  wanted: boolean,
): OpenNodes {
  return setOpen(tree, open, subtreeOf(tree, root), wanted)
}

/** Opens the callers of a node, so that it is on show. */
export function reveal(tree: CallTree, open: OpenNodes, node: StackIndex): OpenNodes {
  return setOpen(tree, open, callersOf(tree, node), true)
}

// --- internal ---

const MOST_IN_LINK = 300
