import { Float64Column, Int32Column } from './columns.js'
import { FrameTable } from './frame-table.js'
import { ROOT, syntheticFrame } from './frames.js'
import { LabelSets } from './label-sets.js'
import { PairTable } from './pair-table.js'
import type {
  DumpMeta,
  Frame,
  FrameIndex,
  LabelSetIndex,
  Micros,
  Profile,
  SampleTable,
  StackIndex,
  StackTable,
  Unit,
  WaitCount,
} from './profile.js'

/** Everything a profile has besides its samples. */
export interface ProfileFacts {
  readonly name: string
  readonly unit?: Unit
  readonly timeline?: boolean
  readonly startMicros?: Micros
  readonly waits?: readonly WaitCount[]
  readonly sources?: readonly DumpMeta[]
  readonly warnings?: readonly string[]
}

/** The root of every profile. */
export const ROOT_STACK: StackIndex = 0
export const ROOT_FRAME: FrameIndex = 0

/**
 * Makes a profile: interns frames, stacks and label sets, appends samples. Each kind of input ends
 * here, so that nothing above `formats/` sees a foreign shape. One builder makes one profile.
 */
export class ProfileBuilder {
  readonly #frames: FrameTable
  /** The frames that came as they are in the table: profiles of one process share the objects. */
  readonly #frameObjects = new Map<Frame, FrameIndex>()
  readonly #labelSets = new LabelSets()
  /** Pairs of parent and frame. */
  #stacks = new PairTable()
  readonly #sampleStack = new Int32Column()
  readonly #sampleWeight = new Float64Column()
  readonly #sampleLabelSet = new Int32Column()

  /** `like`: frames of a profile, root first, to begin with; they keep their indexes. */
  constructor(like: readonly Frame[] = [syntheticFrame(ROOT)]) {
    this.#frames = new FrameTable(like)
    this.#stacks.intern(-1, ROOT_FRAME)
  }

  /** Equal frames get the same index, whichever objects they are. */
  frame(frame: Frame): FrameIndex {
    const known = this.#frameObjects.get(frame)
    if (known !== undefined) return known
    const index = this.#frames.intern(frame)
    if (this.#frames.frames[index] === frame) this.#frameObjects.set(frame, index)
    return index
  }

  /** Like `frame`, for one that the caller has not added before: it is not looked for. */
  newFrame(frame: Frame): FrameIndex {
    return isRoot(frame) ? ROOT_FRAME : this.#frames.append(frame)
  }

  /** Makes room for so many stacks before the first is added. */
  expectStacks(count: number): void {
    if (this.#stacks.size > 1) return
    this.#stacks = new PairTable(count)
    this.#stacks.intern(-1, ROOT_FRAME)
  }

  /** The stack `parent → frame`; the same two always give the same stack. */
  stack(parent: StackIndex, frame: FrameIndex): StackIndex {
    return this.#stacks.intern(parent, frame)
  }

  /** Like `stack`, for one that the caller has not added before: it is not looked for. */
  newStack(parent: StackIndex, frame: FrameIndex): StackIndex {
    return this.#stacks.append(parent, frame)
  }

  get frameCount(): number {
    return this.#frames.frames.length
  }

  get stackCount(): number {
    return this.#stacks.size
  }

  labelSet(labels: Iterable<readonly [string, string]>): LabelSetIndex {
    return this.#labelSets.intern(labels)
  }

  sample(stack: StackIndex, weight: number, labelSet: LabelSetIndex = 0): void {
    this.#sampleStack.push(stack)
    this.#sampleWeight.push(weight)
    this.#sampleLabelSet.push(labelSet)
  }

  /** `samples`: whole columns instead of the samples appended one by one; they are not copied. */
  build(facts: ProfileFacts, samples?: SampleTable): Profile {
    return {
      name: facts.name,
      unit: facts.unit ?? 'microseconds',
      timeline: facts.timeline ?? false,
      startMicros: facts.startMicros ?? 0,
      frames: this.#frames.frames,
      stacks: { frame: this.#stacks.second.finish(), parent: this.#stacks.first.finish() },
      samples: samples ?? {
        stack: this.#sampleStack.finish(),
        weight: this.#sampleWeight.finish(),
        labelSet: this.#sampleLabelSet.finish(),
      },
      labelSets: this.#labelSets.sets,
      waits: facts.waits ?? [],
      sources: facts.sources ?? [],
      warnings: facts.warnings ?? [],
    }
  }

  /**
   * Adds the stacks of another table and returns, for each of its stacks, ours.
   * `frameOf` maps its frames to ours. O(stacks), no recursion: parents come first.
   */
  adopt(stacks: StackTable, frameOf: ArrayLike<FrameIndex>): Int32Array {
    const ours = new Int32Array(stacks.frame.length)
    for (let i = 1; i < ours.length; i++) {
      ours[i] = this.stack(ours[stacks.parent[i]!]!, frameOf[stacks.frame[i]!]!)
    }
    return ours
  }
}

// --- internal ---

function isRoot({ name, file, line, column }: Frame): boolean {
  return name === ROOT && file === '' && line === 0 && column === 0
}
