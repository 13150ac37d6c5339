import { type ProfileBuilder, ROOT_FRAME, ROOT_STACK } from '../../profile/builder.js'
import { syntheticFrame, UNKNOWN } from '../../profile/frames.js'
import type { StackIndex } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import type { NodeTable } from './node-table.js'

/** From a file's node ids to the profile's stacks. */
export interface NodeStacks {
  /** The stack of each row of the node table. */
  readonly ofRow: Int32Array
  /** The stack of a node id, -1 if there is no such node. */
  ofId(id: number): StackIndex
  /** Ids are below, but for some that may be negative or large. */
  readonly idLimit: number
  /** Stacks that the profile has by now. */
  count(): number
  /** Edges to nodes that are not in the file. */
  readonly missingChildren: number
  /** Rows whose parent is not. */
  readonly orphans: readonly number[]
}

/**
 * Checks that the edges make a tree and adds every node to the builder as a stack. Throws
 * `BAD_INPUT` for an id used twice, a node with two parents and a cycle. Linear in nodes and edges,
 * at any depth.
 */
export function linkNodes(table: NodeTable, builder: ProfileBuilder): NodeStacks {
  const count = table.id.length
  builder.expectStacks(count + 1)
  const { rowOf, idLimit } = indexIds(table)
  const { parent, mayRepeat, isGrouped, missingChildren, orphans } = linkRows(table, rowOf, builder)
  const stackOf = new Int32Array(count).fill(NEW)
  const path = new Int32Array(count)
  let roots = 0
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
      if (above === -1) {
        roots++
        stackOf[row] = frame === ROOT_FRAME ? ROOT_STACK : builder.stack(ROOT_STACK, frame)
      } else if (roots === 1 && isGrouped && mayRepeat[above] === 0) {
        stackOf[row] = builder.newStack(stackOf[above]!, frame)
      } else {
        stackOf[row] = builder.stack(stackOf[above]!, frame)
        mayRepeat[row] = 1
      }
    }
  }
  const ofId = (id: number) => {
    const row = rowOf(id)
    return row === -1 ? -1 : stackOf[row]!
  }
  const links = { missingChildren, orphans }
  return { ofRow: stackOf, ofId, idLimit, count: () => builder.stackCount, ...links }
}

/** Time that belongs to no known node: directly under the root. */
export function unknownStack(builder: ProfileBuilder): StackIndex {
  return builder.stack(ROOT_STACK, builder.frame(syntheticFrame(UNKNOWN)))
}

/** Node ids → stacks, in place, from slot 1. The number of ids that name no node. */
export function resolveIds(
  column: Int32Array,
  stacks: NodeStacks,
  builder: ProfileBuilder,
): number {
  let unknown = 0
  for (let i = 1; i < column.length; i++) {
    const stack = stacks.ofId(column[i]!)
    if (stack === -1) unknown++
    column[i] = stack === -1 ? unknownStack(builder) : stack
  }
  return unknown
}

// --- internal ---

const NEW = -1
const ON_PATH = -2

/**
 * From the edges of both kinds: for each row its parent's, -1 for none, and whether it may have a
 * callee twice: 1 where two nodes below it are of one frame; that is known where the edges of each
 * parent are next to each other.
 */
function linkRows(table: NodeTable, rowOf: (id: number) => number, { frameCount }: ProfileBuilder) {
  const { edgeParent, edgeChild, upChild, upParent, frame } = table
  const parent = new Int32Array(table.id.length).fill(-1)
  const mayRepeat = new Uint8Array(parent.length)
  const seenUnder = new Int32Array(frameCount).fill(-1)
  let isGrouped = true
  let latest = -1
  let missingChildren = 0
  for (let edge = 0; edge < edgeChild.length; edge++) {
    const row = rowOf(edgeChild.at(edge))
    const above = edgeParent.at(edge)
    if (row === -1) {
      missingChildren++
      continue
    }
    if (parent[row] !== -1) throw bad(`nodes[${row}]`, `has two parents`)
    parent[row] = above
    if (above < latest) isGrouped = false
    if (seenUnder[frame.at(row)] === above) mayRepeat[above] = 1
    seenUnder[frame.at(row)] = above
    latest = above
  }
  const orphans: number[] = []
  for (let up = 0; up < upChild.length; up++) {
    const [row, above] = [upChild.at(up), rowOf(upParent.at(up))]
    if (above === -1) {
      orphans.push(row)
      continue
    }
    if (parent[row] !== -1 && parent[row] !== above) throw bad(`nodes[${row}]`, `has two parents`)
    parent[row] = above
    isGrouped = false
  }
  return { parent, mayRepeat, isGrouped, missingChildren, orphans }
}

/** V8 numbers nodes from 1 without gaps, so that an array will do; other files get a map. */
function indexIds(table: NodeTable) {
  const count = table.id.length
  const limit = 4 * count + 1024
  const dense = new Int32Array(limit).fill(-1)
  const sparse = new Map<number, number>()
  let idLimit = 0
  for (let row = 0; row < count; row++) {
    const id = table.id.at(row)
    const isDense = id >= 0 && id < limit
    if (isDense ? dense[id] !== -1 : sparse.has(id)) {
      throw bad(`nodes[${row}].id`, `is already taken (${id})`)
    }
    if (isDense) {
      dense[id] = row
      idLimit = Math.max(idLimit, id + 1)
    } else sparse.set(id, row)
  }
  const rowOf = (id: number) => (id >= 0 && id < limit ? dense[id]! : (sparse.get(id) ?? -1))
  return { rowOf, idLimit }
}
