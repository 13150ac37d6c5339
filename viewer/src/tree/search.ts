import type { CallTree } from '../../../src/profile/calltree.js'
import type { Frame } from '../../../src/profile/profile.js'
import { inTheWayIn } from './same-function.js'
import { visibleRows } from './tree-rows.js'

/**
 * Where a text occurs: nodes from top to bottom of the fully open tree, and the time they cover.
 */
export interface Matches {
  readonly nodes: Int32Array
  readonly isMatch: Uint8Array
  /** Time under any match, counted once where matches are nested; what ran for others is apart. */
  readonly covered: number
  readonly inTheWay: number
}

/** Finds functions by name or file, ignoring case. An empty text is found nowhere. */
export type Search = (text: string) => Matches

/**
 * What does not depend on the text is prepared once, and a longer text is looked for where the
 * shorter one was found, so that a key press costs little more than a pass over integers.
 */
export function searchIn(tree: CallTree, inverted = false): Search {
  const { frames } = tree.profile
  let prepared: Prepared | null = null
  let latest = { text: '', ofFrame: frames.map(() => true), matches: nothingIn(tree) }
  return (text) => {
    if (text === '') return nothingIn(tree)
    if (text === latest.text) return latest.matches
    prepared ??= prepare(tree, inverted)
    const wanted = text.toLowerCase()
    const before = wanted.includes(latest.text.toLowerCase()) ? latest.ofFrame : null
    const ofFrame = prepared.texts.map((each, i) => before?.[i] !== false && each.includes(wanted))
    latest = { text, ofFrame, matches: matchesOf(tree, ofFrame, prepared) }
    return latest.matches
  }
}

// --- internal ---

interface Prepared {
  /** Of each frame. */
  readonly texts: readonly string[]
  /** All nodes from top to bottom. */
  readonly order: Int32Array
  readonly isOthers: Uint8Array
}

function prepare(tree: CallTree, inverted: boolean): Prepared {
  return {
    texts: tree.profile.frames.map(searchText),
    order: visibleRows(tree, () => true).node,
    isOthers: inTheWayIn({ profile: tree.profile, inverted }),
  }
}

function nothingIn(tree: CallTree): Matches {
  const isMatch = new Uint8Array(tree.self.length)
  return { nodes: new Int32Array(0), isMatch, covered: 0, inTheWay: 0 }
}

function matchesOf(
  tree: CallTree,
  ofFrame: readonly boolean[],
  { order, isOthers }: Prepared,
): Matches {
  const { frame, parent } = tree.profile.stacks
  const isMatch = new Uint8Array(frame.length)
  const isBelow = new Uint8Array(frame.length)
  const times: [own: number, others: number] = [0, 0]
  for (let i = 1; i < frame.length; i++) {
    const above = parent[i]!
    isMatch[i] = ofFrame[frame[i]!] ? 1 : 0
    isBelow[i] = isBelow[above]! | isMatch[above]!
    if (isMatch[i] && !isBelow[i]) times[isOthers[i] === 1 ? 1 : 0] += tree.total[i]!
  }
  const nodes = order.filter((node) => isMatch[node] === 1)
  return { nodes, isMatch, covered: times[0], inTheWay: times[1] }
}

function searchText(frame: Frame): string {
  return `${frame.name} ${frame.file}`.toLowerCase()
}
