import type { StackIndex } from '../../../src/profile/profile.js'
import type { Override, Reach, SettingsOf } from '../view-settings.js'
import type { TreeModel } from './tree-model.js'
import { openAtFirst } from './tree-rows.js'

/**
 * Which nodes are open: all, or the heavy ones (of callers, none), apart from the overrides; later
 * ones are stronger.
 */
export type OpenNodes = Pick<SettingsOf<'tree'>, 'open' | 'overrides'>

/** O(nodes): the overrides are looked up once for all of them. */
export function isOpenIn(model: TreeModel, open: OpenNodes): (node: StackIndex) => boolean {
  const first = openBefore(model, open)
  if (open.overrides.length === 0) return first
  const overrideOf = strongestOverrides(model, open.overrides)
  return (node) => open.overrides[overrideOf[node]!]?.open ?? first(node)
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
  const others = open.overrides.filter(
    (override) => override.stack !== stack || override.reach !== reach,
  )
  return { ...open, overrides: [...others, { stack, reach, open: wanted }].slice(-MOST_IN_LINK) }
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

function openBefore(
  { inverted, tree }: TreeModel,
  { open }: OpenNodes,
): (node: StackIndex) => boolean {
  if (open === 'all') return () => true
  return inverted ? () => false : openAtFirst(tree)
}

/** For each node the index of the latest override that concerns it; -1 for none. */
function strongestOverrides(
  { tree, nodeOf }: TreeModel,
  overrides: readonly Override[],
): Int32Array {
  const { parent } = tree.profile.stacks
  const below = new Int32Array(parent.length).fill(-1)
  const own = new Int32Array(parent.length).fill(-1)
  for (const [index, { stack, reach }] of overrides.entries()) {
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
