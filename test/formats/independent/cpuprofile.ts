/**
 * V8's CPU profile, by its description in the DevTools protocol: delta `i` is the time between
 * sample `i - 1` and sample `i`, the first one that since the start; a sample is what ran until the
 * next one, the last one until the end. Also as the reply of an inspector, and as v8-profiler
 * writes it: as a tree from `head`, with points in time.
 */
import { Adder, keyOf, ROOT, type Sums, UNKNOWN } from './sums.js'

/** As the protocol says, or as speedscope counts. */
export type Counting = 'exact' | 'speedscope'

interface Seen {
  readonly time: number
  readonly stack: readonly string[]
}

interface Place {
  readonly functionName: string
  readonly url?: string
  readonly lineNumber?: number
  readonly columnNumber?: number
  readonly bailoutReason?: string
}

export interface V8Node {
  readonly id: number
  readonly callFrame: Place
  readonly parent?: number
  readonly children?: readonly number[]
}

interface HeadNode extends Place {
  readonly id: number
  readonly children: readonly HeadNode[]
}

export interface V8Profile {
  readonly nodes?: readonly V8Node[]
  readonly head?: HeadNode
  readonly samples: readonly number[]
  readonly timeDeltas?: readonly number[]
  readonly timestamps?: readonly number[]
  readonly startTime: number
  readonly endTime: number
}

export function sumsOfCpuprofile(text: string, counting?: Counting): Sums {
  const adder = new Adder()
  const file: V8Profile & { result?: { profile: V8Profile }; profile?: V8Profile } =
    JSON.parse(text)
  addProfile(adder, file.result?.profile ?? file.profile ?? file, counting)
  return adder
}

/** Counted from 1: by those whose frames have a reason for a bailout; the old tree's too. */
export function placeOf(
  { functionName, url = '', lineNumber = -1, columnNumber = -1, bailoutReason }: Place,
  from = bailoutReason === undefined ? 0 : 1,
): string {
  if (url === '' && /^\((root|program|idle|garbage collector)\)$/.test(functionName))
    return keyOf(functionName, '', 0, 0)
  return keyOf(functionName, url, lineNumber + 1 - from, columnNumber + 1 - from)
}

/** Of each node its functions, caller first, without the root. */
export function stacksOf(nodes: readonly V8Node[]): Map<number, string[]> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const { id, parent, children = [] } of nodes) {
    if (parent !== undefined) parents.set(id, parent)
    for (const child of children) parents.set(child, id)
  }
  return new Map(
    nodes.map(({ id }) => {
      const stack: string[] = []
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
        stack.unshift(placeOf(byId.get(at)!.callFrame))
      }
      return [id, stack[0] === ROOT ? stack.slice(1) : stack]
    }),
  )
}

export function addProfile(adder: Adder, profile: V8Profile, counting?: Counting): void {
  const stacks = profile.head ? stacksOfHead(profile.head) : stacksOf(profile.nodes!)
  const { timestamps } = profile
  // A start and an end in seconds say nothing beside points in time.
  const startTime = Math.round(timestamps?.[0] ?? profile.startTime)
  let clock = startTime
  const seen = profile.samples.map((id, i) => {
    clock = timestamps?.[i] ?? clock + profile.timeDeltas![i]!
    return { time: clock, stack: stacks.get(id)! }
  })
  addSamples(adder, seen, startTime, timestamps ? clock : Math.round(profile.endTime), counting)
}

/** Each lasts until the next one in time, the last one until the end. */
export function addSamples(
  adder: Adder,
  samples: readonly Seen[],
  startTime: number,
  endTime: number,
  counting: Counting = 'exact',
): void {
  const isExact = counting === 'exact'
  const seen = isExact ? inOrder(samples, startTime) : changesOf(samples)
  const end = isExact ? Math.max(endTime, seen.at(-1)!.time) : seen.at(-1)!.time
  adder.add([UNKNOWN], seen[0]!.time - startTime)
  seen.forEach(({ time, stack }, i) => {
    adder.add(stack, (seen[i + 1]?.time ?? end) - time)
  })
}

/** Nothing was before the start. */
function inOrder(samples: readonly Seen[], startTime: number): Seen[] {
  return samples
    .map(({ time, stack }) => ({ time: Math.max(startTime, time), stack }))
    .sort((a, b) => a.time - b.time)
}

/**
 * speedscope looks at changes: one that is earlier than the one before comes at the same time, and
 * the last sample takes no time.
 */
function changesOf(samples: readonly Seen[]): Seen[] {
  const changes: Seen[] = []
  samples.forEach(({ time, stack }, i) => {
    const before = changes.at(-1)
    const isLast = i === samples.length - 1
    if (stack === before?.stack && !isLast) return
    changes.push({ time: Math.max(time, before?.time ?? time), stack })
  })
  return changes
}

// --- internal ---

function stacksOfHead(head: HeadNode): Map<number, string[]> {
  const stacks = new Map<number, string[]>()
  const visit = (node: HeadNode, above: readonly string[]) => {
    const stack = node === head ? [] : [...above, placeOf(node, 1)]
    stacks.set(node.id, stack)
    for (const child of node.children) visit(child, stack)
  }
  visit(head, [])
  return stacks
}
