import { printable } from '../printable.js'
import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree, type CallTree, largestBelow, totalWeight } from '../profile/calltree.js'
import { frameKind } from '../profile/frames.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { columnsOf } from './columns.js'
import { fitCall, LEAST_NAME, roomBehind, shownLength } from './fit.js'
import { amount, counted } from './measure.js'
import type { Locate } from './paths.js'
import { rowNotesOf } from './row-notes.js'
import type { Style } from './style.js'

/** Deeper lines would be all indentation, and their number times their length would not end. */
const DEEPEST = 512

/** How weights are written, and what shares are of. */
export interface Weights {
  readonly whole: number
  readonly write: (weight: number) => string
}

/**
 * The call tree, one line a call: `380 ms  loadUser  src/users.ts:60`, heaviest first. A call that
 * has callees and time of its own gets a line `[self]` among them if that is at least `selfShare`
 * of the whole. A line is as wide as the screen at most. Iterative: the depth of the profile is no
 * limit.
 */
export function* treeLines(
  profile: Profile,
  locate: Locate,
  style: Style,
  selfShare: number,
  weights = weightsOf(profile, style),
): Generator<string> {
  const calls = buildCallTree(profile)
  const derived = { largest: largestBelow(calls), noteOf: rowNotesOf(calls) }
  const tree = { ...calls, ...derived, write: weights.write }
  const leastSelf = weights.whole * selfShare
  const pending: Line[] = []
  const push = (lines: Line[]) => {
    for (let i = lines.length - 1; i >= 0; i--) pending.push(lines[i]!)
  }
  push(linesBelow(tree, ROOT_STACK, leastSelf))
  let callsBelow: Int32Array | null = null
  // The lead of the line above at each depth: what the line's callees hang under.
  const leads = ['']
  for (let line = pending.pop(); line; line = pending.pop()) {
    const { node, depth, isSelf, isLast } = line
    const lead = leads[depth]!
    const stroke = depth === 0 ? '' : isLast ? style.lastBranch : style.branch
    const before = narrow(lead, depth, style) + stroke
    yield style.dim(before) +
      (isSelf
        ? selfText(tree, node, style)
        : callText(tree, node, locate, style, roomBehind(before.length, style.width)))
    if (isSelf) continue
    leads[depth + 1] = depth === 0 ? '' : lead + (isLast ? style.gap : style.stem)
    const below = linesBelow(tree, node, leastSelf, depth + 1)
    if (depth + 1 < DEEPEST) push(below)
    else if (below.length > 0) {
      callsBelow ??= countCallsBelow(tree)
      const deeper = `[${counted(callsBelow[node]!, 'deeper call')}]`
      const under = narrow(leads[depth + 1]!, depth + 1, style)
      yield style.dim(under + style.lastBranch + deeper)
    }
  }
}

// --- internal ---

/** A tree and what its lines need. */
interface Tree extends CallTree {
  readonly largest: Float64Array
  readonly write: Weights['write']
  readonly noteOf: (node: StackIndex) => string
}

interface Line {
  readonly node: StackIndex
  readonly depth: number
  /** The node's own time, shown as if it were a callee. */
  readonly isSelf: boolean
  readonly isLast: boolean
}

function linesBelow(tree: Tree, node: StackIndex, leastSelf: number, depth = 0): Line[] {
  const lines: Line[] = []
  for (let child = tree.firstChild[node]!; child !== -1; child = tree.nextSibling[child]!) {
    if (tree.largest[child] !== 0) lines.push({ node: child, depth, isSelf: false, isLast: false })
  }
  const self = tree.self[node]!
  const hasSelfLine =
    self !== 0 && Math.abs(self) >= leastSelf && (lines.length > 0 || node === ROOT_STACK)
  if (hasSelfLine) {
    const after = lines.findIndex((line) => tree.total[line.node]! < self)
    const line = { node, depth, isSelf: true, isLast: false }
    lines.splice(after === -1 ? lines.length : after, 0, line)
  }
  const last = lines.length - 1
  if (last >= 0) lines[last] = { ...lines[last]!, isLast: true }
  return lines
}

function selfText(tree: Tree, node: StackIndex, style: Style): string {
  const name = node === ROOT_STACK ? '(root)' : '[self]'
  return `${tree.write(tree.self[node]!)}  ${style.dim(name)}`
}

/** In `room` characters. */
function callText(
  tree: Tree,
  node: StackIndex,
  locate: Locate,
  style: Style,
  room: number,
): string {
  const { profile } = tree
  const frame = profile.frames[profile.stacks.frame[node]!]!
  const time = tree.write(tree.total[node]!)
  const called = printable(frame.name)
  const all = tree.noteOf(node).replace('×', style.times)
  const behindTime = room - shownLength(time) - 2
  const note = behindTime - columnsOf(all) < Math.min(columnsOf(called), LEAST_NAME) ? '' : all
  const left = behindTime - columnsOf(note)
  const { name, place } = fitCall(called, printable(locate(frame)), left, style.ellipsis)
  const where = place === '' ? '' : `  ${style.dim(place)}`
  return `${time}  ${style.kind(frameKind(frame))(name)}${note === '' ? '' : style.dim(note)}${where}`
}

/** Of what leads to a deep call, its depth and last strokes: half of the screen is the call's. */
function narrow(lead: string, depth: number, { width, ellipsis }: Style): string {
  const most = Math.floor(width / 2)
  if (width === 0 || lead.length <= most) return lead
  const mark = `${depth}${ellipsis} `
  return mark + lead.slice(-Math.max(most - mark.length, 3))
}

function weightsOf(profile: Profile, style: Style): Weights {
  const whole = Math.abs(totalWeight(profile))
  const write = (weight: number) =>
    style.heat(Math.abs(weight) / (whole || 1))(amount(weight, profile.unit))
  return { whole, write }
}

/** For each node how many calls are below it. */
function countCallsBelow(tree: Tree): Int32Array {
  const { parent } = tree.profile.stacks
  const calls = new Int32Array(parent.length)
  for (let i = parent.length - 1; i > 0; i--) {
    if (tree.largest[i] !== 0) calls[parent[i]!]! += calls[i]! + 1
  }
  return calls
}
