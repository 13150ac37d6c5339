import { hiddenCountOf } from '../../../src/profile/frames.js'
import type { StackIndex } from '../../../src/profile/profile.js'
import type { TreeModel } from './tree-model.js'

/**
 * What is open in place after a step, and the stack to stand on; both by the stacks of the base.
 */
export interface GroupStep {
  readonly groups: readonly StackIndex[]
  readonly stack: StackIndex
}

/**
 * Opens the folded group that a node stands for, or folds the one that it is in. Null where there
 * is neither.
 */
export function groupAfter(
  { tree, stackOf, nodeOf, openGroups }: TreeModel,
  groups: readonly StackIndex[],
  node: StackIndex,
): GroupStep | null {
  if (node <= 0) return null
  const { frames, stacks } = tree.profile
  if (hiddenCountOf(frames[stacks.frame[node]!]!) > 0) {
    const stack = stackOf[node]!
    return { groups: [...groups, stack], stack }
  }
  let above = node
  while (above > 0 && !openGroups.has(above)) above = stacks.parent[above]!
  if (above <= 0) return null
  return { groups: groups.filter((stack) => nodeOf[stack] !== above), stack: stackOf[above]! }
}
