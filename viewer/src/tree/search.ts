import type { CallTree } from '../../../src/profile/calltree.js'
import type { Frame, StackIndex } from '../../../src/profile/profile.js'
import { visibleRows } from './rows.js'

/** Where a text occurs: nodes from top to bottom of the fully open tree, and the time they cover. */
export interface Matches {
  readonly nodes: readonly StackIndex[]
  readonly isMatch: Uint8Array
  /** Time under any match, counted once where matches are nested. */
  readonly covered: number
}

/** Finds functions by name or file, ignoring case. An empty text is found nowhere. */
export function findMatches(tree: CallTree, text: string): Matches {
  const { frames, stacks } = tree.profile
  const isMatch = new Uint8Array(stacks.frame.length)
  if (text === '') return { nodes: [], isMatch, covered: 0 }
  const wanted = text.toLowerCase()
  const ofFrame = frames.map((frame) => searchText(frame).includes(wanted))
  const isBelow = new Uint8Array(isMatch.length)
  let covered = 0
  for (let i = 1; i < isMatch.length; i++) {
    const above = stacks.parent[i]!
    isMatch[i] = ofFrame[stacks.frame[i]!] ? 1 : 0
    isBelow[i] = isBelow[above]! | isMatch[above]!
    if (isMatch[i] && !isBelow[i]) covered += tree.total[i]!
  }
  const nodes = Array.from(visibleRows(tree, () => true).node).filter((node) => isMatch[node])
  return { nodes, isMatch, covered }
}

// --- internal ---

function searchText(frame: Frame): string {
  return `${frame.name} ${frame.file}`.toLowerCase()
}
