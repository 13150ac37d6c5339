/** A profile's stacks as names, asked about: whose time, below which functions. */
import { buildCallTree } from '../../src/profile/calltree.js'
import type { Profile } from '../../src/profile/profile.js'

/** The names from the root down to a stack, and its own time in µs. */
export function* paths(recorded: Profile): Generator<{ names: string[]; micros: number }> {
  const { self } = buildCallTree(recorded)
  const { frame, parent } = recorded.stacks
  for (let stack = 1; stack < frame.length; stack++) {
    if (self[stack] === 0) continue
    const names: string[] = []
    for (let at = stack; at > 0; at = parent[at]!) names.push(recorded.frames[frame[at]!]!.name)
    yield { names: names.reverse(), micros: self[stack]! }
  }
}

/** Time of all stacks that the test accepts, ms. */
export function msWhere(recorded: Profile, accepts: (names: string[]) => boolean): number {
  let total = 0
  for (const { names, micros } of paths(recorded)) if (accepts(names)) total += micros
  return total / 1000
}

/** True if the names occur in this order, others in between allowed. */
export function inOrder(names: readonly string[], wanted: readonly string[]): boolean {
  let next = 0
  for (const name of names) if (name === wanted[next]) next++
  return next === wanted.length
}

export function isWaiting(names: readonly string[]): boolean {
  return names.some((name) => name.startsWith('[await]'))
}

/**
 * The tree of the test's own functions and what they waited for, as text: two spaces a level, in
 * the order of their first appearance. Frames in between, who ran meanwhile, and what is shorter
 * than `least` ms, are left out.
 */
export function outline(recorded: Profile, own: readonly string[], least: number): string[] {
  const root = new Map<string, Node>()
  for (const { names, micros } of paths(recorded)) {
    let level = root
    for (const name of names) {
      if (name === '[blocked]') break
      if (!own.includes(name) && !name.startsWith('[await]')) continue
      const node: Node = level.get(name) ?? { ms: 0, below: new Map() }
      node.ms += micros / 1000
      level.set(name, node)
      level = node.below
    }
  }
  return print(root, least, '')
}

// --- internal ---

interface Node {
  ms: number
  below: Map<string, Node>
}

function print(level: Map<string, Node>, least: number, indent: string): string[] {
  const lines: string[] = []
  for (const [name, { ms, below }] of level) {
    if (ms >= least) lines.push(`${indent}${name}`, ...print(below, least, `${indent}  `))
  }
  return lines
}
