/** The samples of one window, out of the tree in which the native library hands them over. */
import { PROGRAM } from '../profile/frames.js'
import type { Steps } from '../profile/steps.js'
import { functionName, pathOf } from './engine-frames.js'
import type { LabelSetter } from './label-carrier.js'

/** One sample of a window. */
export interface NativeSample {
  readonly epochMicros: number
  /** CPU time of the thread since the sample before, of the first since the rotation began. */
  readonly cpuNanos: number
  /** Id of the context that ran; null: nobody's that is known. */
  readonly label: number | null
  /** What was in its slot: another for each callback, or for each context; -1: nothing. */
  readonly unit: number
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

/** The library's class, as far as it is used. */
export interface WallProfiler extends LabelSetter {
  readonly state: Uint32Array
  start(): void
  stop(restart: boolean): { readonly topDownRoot: TimeNode }
  dispose(): void
}

/** What the library hands over of a window. */
export interface TakenSamples {
  readonly root: TimeNode
  /** Whose a sample is, by what was in its slot; null: nobody's that is known. */
  readonly ownerOf: (slot: number | undefined) => number | null
  /** How many samples there are, about. */
  readonly signals: number
}

/**
 * Every sample of V8's tree with its own times and label, in no order; a step for each node. Of
 * what is no such tree there are none, and `failed` is told why.
 */
export function* samplesOf(
  taken: TakenSamples,
  failed: (error: unknown) => void,
): Steps<NativeSample[]> {
  try {
    return yield* read(taken)
  } catch (error) {
    failed(error)
    return []
  }
}

export function hasSamples({ contexts, children }: TimeNode): boolean {
  return (contexts !== undefined && contexts.length > 0) || children.some(hasSamples)
}

// --- internal ---

/** Throws before it has grown. */
function* read({ root, ownerOf, signals }: TakenSamples): Steps<NativeSample[]> {
  const samples: NativeSample[] = []
  const functions = new Functions()
  const pending: { node: TimeNode; caller: Path | null }[] = []
  const mostSamples = signals + LATE_SIGNALS
  let mostNodes = mostSamples * DEEPEST
  const enter = (children: readonly TimeNode[], caller: Path | null) => {
    mostNodes -= children.length
    if (!(mostNodes >= 0)) throw new Error('more stacks than samples')
    for (const node of children) pending.push({ node, caller })
  }
  enter(root.children, null)
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, caller } = next
    yield
    const path: Path = { frame: functions.of(node), caller }
    enter(node.children, path)
    if (node.contexts === undefined || node.contexts.length === 0) continue
    if (!(samples.length + node.contexts.length <= mostSamples)) throw new Error('too many samples')
    const frames = node.name === PROGRAM ? null : leafFirst(path)
    for (const { timestamp, cpuTime = 0, context } of node.contexts) {
      const epochMicros = Number(timestamp)
      if (!(epochMicros > 0 && Number.isFinite(cpuTime))) throw new Error('a sample without a time')
      samples.push({
        epochMicros,
        cpuNanos: cpuTime,
        label: ownerOf(context),
        unit: context ?? -1,
        frames,
      })
    }
  }
  return samples
}

/** V8 keeps 256 frames of a stack, each with what was inlined into it: of recursion, about ten. */
const DEEPEST = 256 * 32
/** Samples may come while they are counted. */
const LATE_SIGNALS = 100

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

/**
 * The functions of a window, each once: a tree of stacks that differ has some hundred nodes a
 * sample, and few functions.
 */
class Functions {
  readonly #scripts = new Map<string, Script>()

  of({ name, scriptName, lineNumber, columnNumber }: TimeNode): NativeFrame {
    let script = this.#scripts.get(scriptName)
    if (script === undefined) {
      script = { file: pathOf(scriptName), frames: new Map() }
      this.#scripts.set(scriptName, script)
    }
    // Of several with one key the last is found, which costs the others time and nothing else.
    const key = (lineNumber * 4096 + columnNumber) | 0
    const known = script.frames.get(key)
    if (known?.line === lineNumber && known.column === columnNumber && known.given === name) {
      return known
    }
    const isFrame = typeof name === 'string' || name === null
    // Of code that was compiled with an offset a place may be below zero.
    if (!isFrame || !Number.isInteger(lineNumber) || !Number.isInteger(columnNumber)) {
      throw new Error('a frame without a name or a place')
    }
    const { file } = script
    const place = { line: lineNumber, column: columnNumber }
    const frame = { name: functionName(name), file, ...place, given: name }
    script.frames.set(key, frame)
    return frame
  }
}

interface Script {
  readonly file: string
  readonly frames: Map<number, NativeFrame & { readonly given: string }>
}
