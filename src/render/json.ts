import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree, type CallTree, totalWeight } from '../profile/calltree.js'
import { frameKind } from '../profile/frames.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { sumLedgers } from './header.js'

/**
 * `{ meta, tree }` in pieces of JSON. `meta` is the dump's `$profview`, or for a merged profile the sums over its
 * `sources`. A node is `{ name, kind, file, line, column, selfMicros, totalMicros, samples, children }`; in a
 * profile of another unit `selfMicros` and `totalMicros` are in `meta.unit`. Written by hand, because
 * `JSON.stringify` is recursive and profiles are deeper than the stack.
 */
export function* jsonChunks(profile: Profile): Generator<string> {
  yield `{"meta":${JSON.stringify(metaOf(profile))},\n"tree":`
  yield* nodeChunks(buildCallTree(profile))
  yield '}\n'
}

/** The same in one string. */
export function renderJson(profile: Profile): string {
  return [...jsonChunks(profile)].join('')
}

// --- internal ---

function metaOf(profile: Profile): object {
  const { name, unit, sources, warnings } = profile
  const about = { name, unit, total: totalWeight(profile) }
  const [source] = sources
  if (source && sources.length === 1) {
    return { ...source, ...about, warnings: [...source.warnings, ...warnings] }
  }
  let durationMicros = 0
  let samples = 0
  for (const meta of sources) {
    durationMicros += meta.durationMicros
    samples += meta.samples
  }
  const sums = source ? { durationMicros, samples, ledger: sumLedgers(sources) } : {}
  return { ...about, ...sums, sources, warnings }
}

function* nodeChunks(tree: CallTree): Generator<string> {
  const { nextSibling, profile } = tree
  const heads = profile.frames.map(frameHead)
  let node: StackIndex = ROOT_STACK
  yield nodeHead(tree, node, heads)
  for (;;) {
    const child = shown(tree, tree.firstChild[node]!)
    if (child !== -1) {
      yield nodeHead(tree, child, heads)
      node = child
      continue
    }
    for (;;) {
      yield ']}'
      if (node === ROOT_STACK) return
      const sibling = shown(tree, nextSibling[node]!)
      if (sibling !== -1) {
        yield `,\n${nodeHead(tree, sibling, heads)}`
        node = sibling
        break
      }
      node = profile.stacks.parent[node]!
    }
  }
}

/** The node itself or the next sibling that has time; -1 if there is none. */
function shown(tree: CallTree, node: StackIndex): StackIndex {
  let at = node
  while (at !== -1 && tree.total[at] === 0) at = tree.nextSibling[at]!
  return at
}

function frameHead(frame: Profile['frames'][number]): string {
  const { name, file, line, column } = frame
  return JSON.stringify({ name, kind: frameKind(frame), file, line, column }).slice(0, -1)
}

function nodeHead(tree: CallTree, node: StackIndex, heads: readonly string[]): string {
  const head = heads[tree.profile.stacks.frame[node]!]!
  const times = `"selfMicros":${tree.self[node]},"totalMicros":${tree.total[node]}`
  return `${head},${times},"samples":${tree.samples[node]},"children":[`
}
