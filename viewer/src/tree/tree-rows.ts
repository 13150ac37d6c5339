import type { CallTree } from '../../../src/profile/calltree.js'
import type { StackIndex } from '../../../src/profile/profile.js'

/** The rows on show, from top to bottom, as columns: node and depth (the root is not shown). */
export interface Rows {
  readonly node: Int32Array
  readonly depth: Int32Array
}

/** The rows of a tree of which some nodes are open. Iterative: O(rows). */
export function visibleRows(tree: CallTree, isOpen: (node: StackIndex) => boolean): Rows {
  const count = tree.self.length
  const node = new Int32Array(count)
  const depth = new Int32Array(count)
  const { parent } = tree.profile.stacks
  let length = 0
  let level = 0
  let next = tree.firstChild[0]!
  while (next !== -1) {
    node[length] = next
    depth[length++] = level
    const child = isOpen(next) ? tree.firstChild[next]! : -1
    if (child !== -1) {
      next = child
      level++
      continue
    }
    while (next > 0 && tree.nextSibling[next] === -1) {
      next = parent[next]!
      level--
    }
    next = next > 0 ? tree.nextSibling[next]! : -1
  }
  return { node: node.slice(0, length), depth: depth.slice(0, length) }
}

/** What is open before the reader touched anything: the heavy branches, and all of a small tree. */
export function openAtFirst(tree: CallTree): (node: StackIndex) => boolean {
  if (tree.self.length <= SMALL_TREE) return () => true
  const threshold = tree.total[0]! * HEAVY_SHARE
  return (node) => tree.total[node]! >= threshold
}

/** Follows the heaviest callee downwards for as long as it holds most of its caller's time. */
export function heaviestPath(tree: CallTree, from: StackIndex): StackIndex[] {
  const path = []
  let node = from
  for (let child = tree.firstChild[node]!; child !== -1; child = tree.firstChild[node]!) {
    if (tree.total[child]! < tree.total[node]! * HEAVIEST_SHARE && path.length > 0) break
    path.push(child)
    node = child
  }
  return path
}

// --- internal ---

const SMALL_TREE = 400
const HEAVY_SHARE = 0.03
const HEAVIEST_SHARE = 0.5
