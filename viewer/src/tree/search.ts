import type { CallTree } from '../../../src/profile/calltree.js'
import type { Frame } from '../../../src/profile/profile.js'
import { visibleRows } from './rows.js'

/** Where a text occurs: nodes from top to bottom of the fully open tree, and the time they cover. */
export interface Matches {
  readonly nodes: Int32Array
  readonly isMatch: Uint8Array
  /** Time under any match, counted once where matches are nested. */
  readonly covered: number
}

/** Finds functions by name or file, ignoring case. An empty text is found nowhere. */
export type Search = (text: string) => Matches

/** What does not depend on the text is prepared once, so that a key press costs a pass over integers. */
export function searchIn(tree: CallTree): Search {
  const { frames, stacks } = tree.profile
  const { frame, parent } = stacks
  let prepared: { texts: readonly string[]; order: Int32Array } | null = null
  return (text) => {
    const isMatch = new Uint8Array(frame.length)
    if (text === '') return { nodes: new Int32Array(0), isMatch, covered: 0 }
    prepared ??= { texts: frames.map(searchText), order: visibleRows(tree, () => true).node }
    const wanted = text.toLowerCase()
    const ofFrame = prepared.texts.map((each) => each.includes(wanted))
    const isBelow = new Uint8Array(frame.length)
    let covered = 0
    for (let i = 1; i < frame.length; i++) {
      const above = parent[i]!
      isMatch[i] = ofFrame[frame[i]!] ? 1 : 0
      isBelow[i] = isBelow[above]! | isMatch[above]!
      if (isMatch[i] && !isBelow[i]) covered += tree.total[i]!
    }
    return { nodes: prepared.order.filter((node) => isMatch[node] === 1), isMatch, covered }
  }
}

// --- internal ---

function searchText(frame: Frame): string {
  return `${frame.name} ${frame.file}`.toLowerCase()
}
