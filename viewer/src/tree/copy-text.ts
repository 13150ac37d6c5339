import { ROOT_STACK } from '../../../src/profile/builder.js'
import type { Profile, StackIndex } from '../../../src/profile/profile.js'
import { styleFor } from '../../../src/render/style.js'
import { headerLines } from '../../../src/render/text.js'
import { treeLines } from '../../../src/render/tree-lines.js'
import { pruneProfile } from '../../../src/transform/prune.js'
import { subtreeOf } from '../../../src/transform/subtree.js'
import { DEFAULT_THRESHOLD } from '../../../src/transform/view.js'
import type { TreeModel } from './model.js'

/**
 * What `profview show` would print of a call and what it called, or of everything: as it is folded
 * here, without the calls under one percent of it, which nobody would read.
 */
export function copyText(profile: Profile, model: TreeModel, node: StackIndex): string {
  const style = styleFor({ color: false, unicode: true })
  const below = pruneProfile(subtreeOf(model.tree.profile, Math.max(node, 0)), DEFAULT_THRESHOLD)
  const lines = treeLines(below, model.base.locationOf, style, DEFAULT_THRESHOLD)
  const head = node > ROOT_STACK ? [] : [...headerLines(profile, style), '']
  return `${[...head, ...lines].join('\n')}\n`
}
