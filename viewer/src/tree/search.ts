import type { CallTree } from '../../../src/profile/calltree.js'
import type { Frame } from '../../../src/profile/profile.js'
import { visibleRows } from './tree-rows.js'

/**
 * Where a text occurs: nodes from top to bottom of the fully open tree, and the time they cover.
 */
export interface Matches {
  readonly nodes: Int32Array
  readonly isMatch: Uint8Array
  /** Time under any match, counted once where matches are nested. */
  readonly covered: number
}

/** Finds functions by name or file, ignoring case. An empty text is found nowhere. */
export type Search = (text: string) => Matches

/**
 * What does not depend on the text is prepared once, and a longer text is looked for where the
 * shorter one was found, so that a key press costs little more than a pass over integers.
 */
export function searchIn(tree: CallTree): Search {
  const { frames } = tree.profile
  let prepared: { texts: readonly string[]; order: Int32Array } | null = null
  let latest = { text: '', ofFrame: frames.map(() => true), matches: nothingIn(tree) }
  return (text) => {
    if (text === '') return nothingIn(tree)
    if (text === latest.text) return latest.matches
    prepared ??= { texts: frames.map(searchText), order: visibleRows(tree, () => true).node }
    const wanted = text.toLowerCase()
    const before = wanted.includes(latest.text.toLowerCase()) ? latest.ofFrame : null
    const ofFrame = prepared.texts.map((each, i) => before?.[i] !== false && each.includes(wanted))
    latest = { text, ofFrame, matches: matchesOf(tree, ofFrame, prepared.order) }
    return latest.matches
  }
}

// --- internal ---

function nothingIn(tree: CallTree): Matches {
  return { nodes: new Int32Array(0), isMatch: new Uint8Array(tree.self.length), covered: 0 }
}

/** `order`: all nodes from top to bottom. */
function matchesOf(tree: CallTree, ofFrame: readonly boolean[], order: Int32Array): Matches {
  const { frame, parent } = tree.profile.stacks
  const isMatch = new Uint8Array(frame.length)
  const isBelow = new Uint8Array(frame.length)
  let covered = 0
  for (let i = 1; i < frame.length; i++) {
    const above = parent[i]!
    isMatch[i] = ofFrame[frame[i]!] ? 1 : 0
    isBelow[i] = isBelow[above]! | isMatch[above]!
    if (isMatch[i] && !isBelow[i]) covered += tree.total[i]!
  }
  return { nodes: order.filter((node) => isMatch[node] === 1), isMatch, covered }
}

function searchText(frame: Frame): string {
  return `${frame.name} ${frame.file}`.toLowerCase()
}
