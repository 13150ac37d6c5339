import { ByteWriter } from '../formats/shared/byte-writer.js'
import { asWritten } from '../formats/shared/dump-meta-check.js'
import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree, type CallTree, totalWeight } from '../profile/calltree.js'
import { frameKind } from '../profile/frames.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { waitsByStack } from '../profile/wait-counts.js'
import { withTexts } from '../profile/warnings.js'
import { sumLedgers } from './header.js'

/**
 * `{ meta, tree }` in pieces of JSON. `meta` is the dump's `$profview`, or for a merged profile the
 * sums over its `sources`. A node is `{ name, kind, file, line, column, selfMicros, totalMicros,
 * samples, children }`, and an `[await]` has `waits: { count, totalMicros, longestMicros }` where
 * that is known; in a profile of another unit `selfMicros` and `totalMicros` are in
 * `meta.unit`. Written by hand, because `JSON.stringify` is recursive and profiles are deeper than
 * the stack.
 */
export function* jsonChunks(profile: Profile): Generator<string> {
  yield `{"meta":${JSON.stringify(metaOf(profile))},\n"tree":`
  const tree = buildCallTree(profile)
  const heads = profile.frames.map(frameHead)
  const { frame } = profile.stacks
  const waits = waitsByStack(profile)
  const waitsOf = (node: StackIndex) => {
    const sum = waits.get(node)
    return sum === undefined ? '' : `,"waits":${JSON.stringify(sum)}`
  }
  yield* treeChunks(
    tree,
    (node) => tree.total[node] !== 0,
    (node) => `${heads[frame[node]!]},${timesOf(tree, node)}${waitsOf(node)}`,
  )
  yield '}\n'
}

/** The same in UTF-8. */
export function renderJson(profile: Profile): Uint8Array {
  const out = new ByteWriter()
  for (const chunk of jsonChunks(profile)) out.text(chunk)
  return out.finish()
}

/**
 * The call tree as nested objects with the members of `membersOf` and `children`, without the nodes
 * that are not shown. Iterative.
 */
export function* treeChunks(
  { profile, firstChild, nextSibling }: CallTree,
  isShown: (node: StackIndex) => boolean,
  membersOf: (node: StackIndex) => string,
): Generator<string> {
  /** The node itself or the next sibling that is shown; -1 if there is none. */
  const shown = (node: StackIndex): StackIndex => {
    let at = node
    while (at !== -1 && !isShown(at)) at = nextSibling[at]!
    return at
  }
  const opened = (node: StackIndex) => `{${membersOf(node)},"children":[`
  let node: StackIndex = ROOT_STACK
  yield opened(node)
  for (;;) {
    const child = shown(firstChild[node]!)
    if (child !== -1) {
      yield opened(child)
      node = child
      continue
    }
    for (;;) {
      yield ']}'
      if (node === ROOT_STACK) return
      const sibling = shown(nextSibling[node]!)
      if (sibling !== -1) {
        yield `,\n${opened(sibling)}`
        node = sibling
        break
      }
      node = profile.stacks.parent[node]!
    }
  }
}

/** `"name":"f","kind":"app","file":"/app/f.js","line":1,"column":1` */
export function frameHead(frame: Profile['frames'][number]): string {
  const { name, file, line, column } = frame
  return JSON.stringify({ name, kind: frameKind(frame), file, line, column }).slice(1, -1)
}

// --- internal ---

function metaOf(profile: Profile): object {
  const { name, unit, sources, warnings } = profile
  const about = { name, unit, total: totalWeight(profile) }
  const [source] = sources
  if (source && sources.length === 1) {
    const facts = { ...source, warnings: withTexts(source.warnings, warnings) }
    return { ...asWritten(facts), ...about }
  }
  let durationMicros = 0
  let samples = 0
  let blockedUpToMicros = 0
  for (const meta of sources) {
    durationMicros += meta.durationMicros
    samples += meta.samples
    blockedUpToMicros += meta.blockedUpToMicros
  }
  const ledger = sumLedgers(sources)
  const sums = ledger ? { durationMicros, samples, ledger, blockedUpToMicros } : {}
  return { ...about, ...sums, sources: sources.map((meta) => asWritten(meta)), warnings }
}

function timesOf(tree: CallTree, node: StackIndex): string {
  const times = `"selfMicros":${tree.self[node]},"totalMicros":${tree.total[node]}`
  return `${times},"samples":${tree.samples[node]}`
}
