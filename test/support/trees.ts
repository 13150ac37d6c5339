/** Trees as text, so that a test shows its whole input and its whole expectation. */
import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import { buildCallTree, childrenOf } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { frameKey } from '../../src/profile/frames.js'
import type { Frame, Profile, Unit } from '../../src/profile/profile.js'

/**
 * A profile from folded lines, one sample each, in time order:
 *
 *     profileOf`
 *       main;handler;parse 3
 *       main;handler@/app/index.js:10:4 2 {route=GET /x, worker=1}
 *       (root) 1
 *     `
 *
 * The number is the weight in microseconds; `@file:line:column` and `{labels}` may be left out.
 */
export function profileOf(lines: TemplateStringsArray | string, ...values: unknown[]): Profile {
  return profileFrom(typeof lines === 'string' ? lines : String.raw({ raw: lines }, ...values))
}

export function profileFrom(
  text: string,
  facts: { name?: string; unit?: Unit; timeline?: boolean; startMicros?: number } = {},
): Profile {
  const builder = new ProfileBuilder()
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const match = /^\s*(.*?) (-?\d+)(?: \{(.*)\})?\s*$/.exec(line)
    if (!match) throw new Error(`not a folded line: ${line}`)
    let stack = ROOT_STACK
    for (const name of match[1]!.split(';')) {
      if (name !== '(root)') stack = builder.stack(stack, builder.frame(frameFrom(name)))
    }
    builder.sample(stack, Number(match[2]), builder.labelSet(labelsFrom(match[3] ?? '')))
  }
  return checkProfile(builder.build({ name: 'test', timeline: true, ...facts }))
}

/**
 * The call tree, one line `name total self` a node, two spaces a level, heaviest first, then by
 * name. The root is shown only if it has time of its own. `places` adds `@file:line:column` to the
 * names.
 */
export function formatTree(profile: Profile, { places = false } = {}): string[] {
  const tree = buildCallTree(profile)
  const lines: string[] = []
  if (tree.self[ROOT_STACK] !== 0) lines.push(`(root) ${tree.total[ROOT_STACK]} ${tree.self[0]}`)
  const frameOf = (node: number) => profile.frames[profile.stacks.frame[node]!]!
  const pending = [{ node: ROOT_STACK, depth: -1 }]
  for (let top = pending.pop(); top; top = pending.pop()) {
    const { node, depth } = top
    if (depth >= 0) {
      const { name, file, line, column } = frameOf(node)
      const place = places && file !== '' ? `@${file}:${line}:${column}` : ''
      lines.push(`${'  '.repeat(depth)}${name}${place} ${tree.total[node]} ${tree.self[node]}`)
    }
    const children = childrenOf(tree, node).filter((child) => tree.total[child] !== 0)
    children.sort(
      (a, b) =>
        tree.total[a]! - tree.total[b]! || (frameKey(frameOf(a)) < frameKey(frameOf(b)) ? 1 : -1),
    )
    for (const child of children) pending.push({ node: child, depth: depth + 1 })
  }
  return lines
}

// --- internal ---

function frameFrom(text: string): Frame {
  const match = /^(.*?)@(.*?)(?::(\d+))?(?::(\d+))?$/.exec(text)
  if (!match) return { name: text, file: '', line: 0, column: 0 }
  const [, name, file, line, column] = match
  return { name: name!, file: file!, line: Number(line ?? 0), column: Number(column ?? 0) }
}

function labelsFrom(text: string): [string, string][] {
  if (text === '') return []
  return text.split(', ').map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
}
