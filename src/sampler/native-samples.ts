/** The samples of one window, out of the tree in which the native library hands them over. */
import { PROGRAM } from '../profile/frames.js'
import type { Steps } from '../profile/steps.js'
import { functionName, pathOf } from './engine-frames.js'

/** One sample of a window. */
export interface NativeSample {
  readonly epochMicros: number
  /** CPU time of the thread since the sample before, of the first since the rotation began. */
  readonly cpuNanos: number
  /** Id of the context that ran; null: nobody's that is known. */
  readonly label: number | null
  /** Leaf first, shared between samples of one stack; null for `(program)`, which has no code. */
  readonly frames: readonly NativeFrame[] | null
}

export interface NativeFrame {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** V8's tree of stacks, as the library hands it over. */
export interface TimeNode {
  readonly name: string
  readonly scriptName: string
  readonly lineNumber: number
  readonly columnNumber: number
  readonly contexts?: readonly NativeContext[]
  readonly children: readonly TimeNode[]
}

/** What the library hands over of a window. */
export interface TakenSamples {
  readonly root: TimeNode
  /** Whose a sample is, by what was in its slot; null: nobody's that is known. */
  readonly ownerOf: (slot: number | undefined) => number | null
}

/** Every sample of V8's tree with its own times and label, in no order; a step for each node. */
export function* samplesOf({ root, ownerOf }: TakenSamples): Steps<NativeSample[]> {
  const samples: NativeSample[] = []
  const paths = new Map<string, string>()
  const pending: { node: TimeNode; caller: Path | null }[] = []
  for (const node of root.children) pending.push({ node, caller: null })
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, caller } = next
    yield
    const path: Path = { frame: frameOf(node, paths), caller }
    for (const child of node.children) pending.push({ node: child, caller: path })
    if (node.contexts === undefined || node.contexts.length === 0) continue
    const frames = node.name === PROGRAM ? null : leafFirst(path)
    for (const { timestamp, cpuTime = 0, context } of node.contexts) {
      const epochMicros = Number(timestamp)
      samples.push({
        epochMicros,
        cpuNanos: cpuTime,
        label: ownerOf(context),
        frames,
      })
    }
  }
  return samples
}

export function hasSamples({ contexts, children }: TimeNode): boolean {
  return (contexts !== undefined && contexts.length > 0) || children.some(hasSamples)
}

// --- internal ---

interface NativeContext {
  readonly timestamp: bigint
  /** ns. */
  readonly cpuTime?: number
  readonly context?: number
}

interface Path {
  readonly frame: NativeFrame
  readonly caller: Path | null
}

function leafFirst(path: Path): NativeFrame[] {
  const frames: NativeFrame[] = []
  for (let at: Path | null = path; at !== null; at = at.caller) frames.push(at.frame)
  return frames
}

/** `paths`: of the scripts that were met before. */
function frameOf(node: TimeNode, paths: Map<string, string>): NativeFrame {
  let file = paths.get(node.scriptName)
  if (file === undefined) {
    file = pathOf(node.scriptName)
    paths.set(node.scriptName, file)
  }
  return {
    name: functionName(node.name),
    file,
    line: node.lineNumber,
    column: node.columnNumber,
  }
}
