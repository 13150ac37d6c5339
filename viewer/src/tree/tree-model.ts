import { ACCOUNTS, type Account } from '../../../src/profile/accounts.js'
import { ROOT_STACK } from '../../../src/profile/builder.js'
import { buildCallTree, type CallTree, stackTimes } from '../../../src/profile/calltree.js'
import { hiddenCountOf } from '../../../src/profile/frames.js'
import type { Profile, StackIndex } from '../../../src/profile/profile.js'
import { accountOfStacks } from '../../../src/profile/stack-accounts.js'
import type { Steps } from '../../../src/profile/steps.js'
import { type Locate, locatorFor } from '../../../src/render/paths.js'
import { rowNotesOf } from '../../../src/render/row-notes.js'
import { affordableLevels } from '../../../src/transform/invert.js'
import { sourcesOf } from '../../../src/transform/pass.js'
import { sumByStack } from '../../../src/transform/sum-by-stack.js'
import { isFolding, type Shown, type View, viewsOf } from '../../../src/transform/view.js'

/** A profile, and what all trees of it have in common. */
export interface TreeSource {
  readonly profile: Profile
  readonly shownIn: (view: View) => Steps<Shown>
  /** Of each stack its own time, and its account. */
  readonly self: Float64Array
  readonly accountOf: Uint8Array
  /** How many callers of each function a tree of callers has. */
  readonly levels: number
  readonly locationOf: Locate
}

/** A view of a profile, as the call tree page shows it. Nodes are stacks of the view. */
export interface TreeModel {
  readonly source: TreeSource
  readonly inverted: boolean
  readonly tree: CallTree
  /** For each account with time, the time under every node. */
  readonly accounts: ReadonlyMap<Account, Float64Array>
  /** By whose stacks the address counts. */
  readonly base: Profile
  /** For each stack of the base the node that stands for it: itself, its group or its caller. */
  readonly nodeOf: Int32Array
  /** For each node the first stack of the base that it stands for. */
  readonly stackOf: Int32Array
  /** Where a folded group was opened in place: the nodes at which it can be folded again. */
  readonly openGroups: ReadonlySet<StackIndex>
  /** What stands behind a name: how often it waited, how sure what blocked it is. */
  readonly noteOf: (node: StackIndex) => string
}

/** O(samples): every view starts from the sums. */
export function* treeSourceOf(profile: Profile): Steps<TreeSource> {
  const summed = sumByStack(profile)
  yield
  const levels = affordableLevels(summed.profile, MOST_INVERTED, FEWEST_LEVELS)
  const views = viewsOf(profile, summed)
  const { self } = stackTimes(profile)
  yield
  const accountOf = accountOfStacks(profile)
  yield
  const shownIn = (view: View) => views({ ...view, levels })
  return { profile, shownIn, self, accountOf, levels, locationOf: locatorFor(profile) }
}

/** O(stacks log stacks). */
export function* buildTreeModel(source: TreeSource, view: View): Steps<TreeModel> {
  const shown = yield* source.shownIn(view)
  const { profile, base, nodeOf } = shown
  const tree = buildCallTree(profile)
  yield
  const basesOf = sourcesOf({ profile, stackOf: nodeOf })
  const stackOf = new Int32Array(tree.self.length)
  for (let node = 0; node < stackOf.length; node++) stackOf[node] = basesOf(node)[0] ?? -1
  yield
  const accounts = totalsByAccount(source, shown)
  yield
  return {
    source,
    inverted: view.invert === true,
    tree,
    accounts,
    base,
    nodeOf,
    stackOf,
    noteOf: rowNotesOf(tree),
    openGroups: openGroupsOf(shown, isFolding(view) ? (view.unfolded ?? []) : []),
  }
}

// --- internal ---

/** Stacks that a tree of callers may have: as many as are quickly folded and laid out. */
const MOST_INVERTED = 600_000
const FEWEST_LEVELS = 8

/** Accounts are told by whole stacks of the source: one of a view may be of several accounts. */
function totalsByAccount({ self, accountOf }: TreeSource, { profile, stackOf }: Shown) {
  const { parent } = profile.stacks
  const totals = new Map<Account, Float64Array>()
  for (let i = 0; i < self.length; i++) {
    if (self[i] === 0) continue
    const account = ACCOUNTS[accountOf[i]!]!
    const total = totals.get(account) ?? new Float64Array(parent.length)
    totals.set(account, total)
    total[stackOf[i]!]! += self[i]!
  }
  for (const total of totals.values()) {
    for (let i = total.length - 1; i > ROOT_STACK; i--) total[parent[i]!]! += total[i]!
  }
  return totals
}

function openGroupsOf({ profile, nodeOf }: Shown, unfolded: readonly StackIndex[]) {
  const { frames, stacks } = profile
  const open = new Set<StackIndex>()
  for (const stack of unfolded) {
    const node = nodeOf[stack] ?? ROOT_STACK
    if (node > ROOT_STACK && hiddenCountOf(frames[stacks.frame[node]!]!) === 0) open.add(node)
  }
  return open
}
