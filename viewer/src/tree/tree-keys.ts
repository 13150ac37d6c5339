import type { StackIndex } from '../../../src/profile/profile.js'
import { movedRow } from '../parts/grid-keys.js'
import { isOpenIn, type OpenNodes, setOpen } from './open-nodes.js'
import type { TreeModel } from './tree-model.js'
import type { Rows } from './tree-rows.js'

/** Where a key leads: another row to stand on, other nodes open. */
export interface TreeMove {
  readonly node: StackIndex
  readonly open: OpenNodes
}

/**
 * The keys of a tree: up and down move, right opens and then enters, left closes and then leaves,
 * Enter and space toggle; with Alt the whole subtree. Null where the key is none of them.
 */
export function treeMove(
  event: KeyboardEvent,
  model: TreeModel,
  rows: Rows,
  row: number,
  open: OpenNodes,
): TreeMove | null {
  const moved = movedRow(event, row, rows.node.length)
  if (moved !== null) return { node: rows.node[moved]!, open }
  if (row < 0 || event.ctrlKey || event.metaKey) return null
  const { tree } = model
  const node = rows.node[row]!
  const child = tree.firstChild[node]!
  const isOpen = child !== -1 && isOpenIn(model, open)(node)
  const change = (wanted: boolean) => ({
    node,
    open: setOpen(model, open, node, wanted, event.altKey ? 'subtree' : 'node'),
  })
  switch (event.key) {
    case 'ArrowRight':
      if (child === -1) return { node, open }
      return isOpen && !event.altKey ? { node: child, open } : change(true)
    case 'ArrowLeft':
      if (isOpen || (event.altKey && child !== -1)) return change(false)
      return { node: tree.profile.stacks.parent[node]! || node, open }
    case 'Enter':
    case ' ':
      return child === -1 ? { node, open } : change(!isOpen)
    default:
      return null
  }
}
