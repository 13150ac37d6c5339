import { type ProfileBuilder, ROOT_FRAME, ROOT_STACK } from '../../profile/builder.js'
import { syntheticFrame, UNKNOWN } from '../../profile/frames.js'
import type { StackIndex } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import type { NodeTable } from './nodes.js'

/** From a file's node ids to the profile's stacks. */
export interface NodeStacks {
  /** The stack of each row of the node table. */
  readonly ofRow: Int32Array
  /** The stack of a node id, -1 if there is no such node. */
  ofId(id: number): StackIndex
  /** Stacks that the profile has by now. */
  count(): number
  /** Edges to nodes that are not in the file. */
  readonly missingChildren: number
}

/**
 * Checks that the edges make a tree and adds every node to the builder as a stack. Throws
 * `BAD_INPUT` for an id used twice, a node with two parents and a cycle. Linear in nodes and edges,
 * at any depth.
 */
export function linkNodes(table: NodeTable, builder: ProfileBuilder): NodeStacks {
  const count = table.id.length
  builder.expectStacks(count + 1)
  const rowOf = indexIds(table)
  const parent = new Int32Array(count).fill(-1)
  let missingChildren = 0
  for (let edge = 0; edge < table.edgeChild.length; edge++) {
    const id = table.edgeChild.at(edge)
    const row = rowOf(id)
    if (row === -1) missingChildren++
    else if (parent[row] !== -1) throw bad(`nodes[${row}]`, `has two parents`)
    else parent[row] = table.edgeParent.at(edge)
  }
  const stackOf = new Int32Array(count).fill(NEW)
  const path = new Int32Array(count)
  for (let start = 0; start < count; start++) {
    let depth = 0
    for (let row = start; row !== -1 && stackOf[row]! < 0; row = parent[row]!) {
      if (stackOf[row] === ON_PATH) throw bad(`nodes[${row}]`, 'is its own ancestor')
      stackOf[row] = ON_PATH
      path[depth++] = row
    }
    while (depth > 0) {
      const row = path[--depth]!
      const above = parent[row]!
      const frame = table.frame.at(row)
      stackOf[row] =
        above === -1 && frame === ROOT_FRAME
          ? ROOT_STACK
          : builder.stack(above === -1 ? ROOT_STACK : stackOf[above]!, frame)
    }
  }
  const ofId = (id: number) => {
    const row = rowOf(id)
    return row === -1 ? -1 : stackOf[row]!
  }
  return { ofRow: stackOf, ofId, count: () => builder.stackCount, missingChildren }
}

/** Time that belongs to no known node: directly under the root. */
export function unknownStack(builder: ProfileBuilder): StackIndex {
  return builder.stack(ROOT_STACK, builder.frame(syntheticFrame(UNKNOWN)))
}

// --- internal ---

const NEW = -1
const ON_PATH = -2

/** V8 numbers nodes from 1 without gaps, so that an array will do; other files get a map. */
function indexIds(table: NodeTable): (id: number) => number {
  const count = table.id.length
  const limit = 4 * count + 1024
  const dense = new Int32Array(limit).fill(-1)
  const sparse = new Map<number, number>()
  for (let row = 0; row < count; row++) {
    const id = table.id.at(row)
    const isDense = id >= 0 && id < limit
    if (isDense ? dense[id] !== -1 : sparse.has(id)) {
      throw bad(`nodes[${row}].id`, `is already taken (${id})`)
    }
    if (isDense) dense[id] = row
    else sparse.set(id, row)
  }
  return (id) => (id >= 0 && id < limit ? dense[id]! : (sparse.get(id) ?? -1))
}
