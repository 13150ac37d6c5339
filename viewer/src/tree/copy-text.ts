import { ROOT_STACK } from '../../../src/profile/builder.js'
import type { StackIndex } from '../../../src/profile/profile.js'
import { styleFor } from '../../../src/render/style.js'
import { headerLines } from '../../../src/render/text.js'
import { treeLines } from '../../../src/render/tree-lines.js'
import { pruneProfile } from '../../../src/transform/prune.js'
import { subtreeOf } from '../../../src/transform/subtree.js'
import { DEFAULT_THRESHOLD } from '../../../src/transform/view.js'
import type { TreeModel } from './tree-model.js'

/**
 * What `profview show` would print of a call and what it called, or of everything: as it is folded
 * here, without the calls under one percent of it, which nobody would read.
 */
export function copyText({ source, tree }: TreeModel, node: StackIndex): string {
  const style = styleFor({ color: false, unicode: true })
  const below = subtreeOf(tree.profile, Math.max(node, 0)).profile
  const shown = pruneProfile(below, DEFAULT_THRESHOLD).profile
  const lines = treeLines(shown, source.locationOf, style, DEFAULT_THRESHOLD)
  const head = node > ROOT_STACK ? [] : [...headerLines(source.profile, style), '']
  return `${[...head, ...lines].join('\n')}\n`
}
