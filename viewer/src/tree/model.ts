import type { Account } from '../../../src/profile/accounts.js'
import { ROOT_STACK } from '../../../src/profile/builder.js'
import { buildCallTree, type CallTree } from '../../../src/profile/calltree.js'
import { hiddenCountOf } from '../../../src/profile/frames.js'
import type { Profile, StackIndex } from '../../../src/profile/profile.js'
import { foldProfile } from '../../../src/transform/fold.js'
import { pruneProfile } from '../../../src/transform/prune.js'
import { foldRulesOf, type View } from '../../../src/transform/view.js'
import type { TreeBase } from './base.js'

/** A view of a profile, as the call tree page shows it. Nodes are stacks of the view. */
export interface TreeModel {
  readonly base: TreeBase
  readonly tree: CallTree
  /** For each account, the time under every node. */
  readonly accounts: ReadonlyMap<Account, Float64Array>
  /** For each stack of the base the node that stands for it: itself, its group or its caller. */
  readonly nodeOf: Int32Array
  /** For each node the first stack of the base that it stands for. */
  readonly stackOf: Int32Array
  /** Where a folded group was opened in place: the nodes at which it can be folded again. */
  readonly openGroups: ReadonlySet<StackIndex>
}

/** `groups`: stacks of the base in groups that are to be open in place. O(stacks log stacks). */
export function buildTreeModel(base: TreeBase, view: View, groups: Iterable<number>): TreeModel {
  const pruned = pruneProfile(base.profile, view.threshold ?? 0)
  const rules = foldRulesOf(view)
  const unfolded = [...groups].flatMap((stack) => pruned.samples.stack[stack] || [])
  const profile = rules ? foldProfile(pruned, { ...rules, unfolded }) : pruned
  const nodeOf = profile.samples.stack
  const tree = buildCallTree(profile)
  const stackOf = new Int32Array(tree.self.length).fill(-1)
  for (let i = nodeOf.length - 1; i >= 0; i--) stackOf[nodeOf[i]!] = i
  return {
    base,
    tree,
    accounts: totalsByAccount(base, profile),
    nodeOf,
    stackOf,
    openGroups: rules ? openGroupsOf(profile, groups) : new Set(),
  }
}

// --- internal ---

function totalsByAccount(base: TreeBase, view: Profile): Map<Account, Float64Array> {
  const { parent } = view.stacks
  const { stack: nodeOf } = view.samples
  const totals = new Map<Account, Float64Array>()
  for (const [account, self] of base.accounts) {
    const total = new Float64Array(parent.length)
    for (let i = 0; i < self.length; i++) total[nodeOf[i]!]! += self[i]!
    for (let i = total.length - 1; i > ROOT_STACK; i--) total[parent[i]!]! += total[i]!
    totals.set(account, total)
  }
  return totals
}

function openGroupsOf({ frames, stacks, samples }: Profile, groups: Iterable<number>): Set<number> {
  const open = new Set<StackIndex>()
  for (const stack of groups) {
    const node = samples.stack[stack] ?? ROOT_STACK
    if (node !== ROOT_STACK && hiddenCountOf(frames[stacks.frame[node]!]!) === 0) open.add(node)
  }
  return open
}
