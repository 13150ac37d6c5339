import { Float64Column, Int32Column } from './columns.js'
import { ROOT, syntheticFrame } from './frames.js'
import { PairTable } from './pairs.js'
import type {
  DumpMeta,
  Frame,
  FrameIndex,
  LabelSetIndex,
  Labels,
  Micros,
  Profile,
  SampleTable,
  StackIndex,
  StackTable,
  Unit,
} from './profile.js'

/** Everything a profile has besides its samples. */
export interface ProfileFacts {
  readonly name: string
  readonly unit?: Unit
  readonly timeline?: boolean
  readonly startMicros?: Micros
  readonly sources?: readonly DumpMeta[]
  readonly warnings?: readonly string[]
}

/** The root of every profile. */
export const ROOT_STACK: StackIndex = 0

/**
 * Makes a profile: interns frames, stacks and label sets, appends samples. Each kind of input ends
 * here, so that nothing above `formats/` sees a foreign shape. One builder makes one profile.
 */
export class ProfileBuilder {
  readonly #frames: Frame[] = []
  readonly #texts = new Map<string, number>()
  /** Pairs of name and file, of line and column, and of those two: cheaper than a text as a key. */
  readonly #names = new PairTable()
  readonly #places = new PairTable()
  readonly #framePairs = new PairTable()
  readonly #labelSets: Labels[] = [new Map()]
  readonly #labelSetIndexes = new Map<string, LabelSetIndex>([['', 0]])
  /** Pairs of parent and frame. */
  readonly #stacks = new PairTable()
  readonly #sampleStack = new Int32Column()
  readonly #sampleWeight = new Float64Column()
  readonly #sampleLabelSet = new Int32Column()

  constructor() {
    this.#stacks.intern(-1, this.frame(syntheticFrame(ROOT)))
  }

  /** Equal frames get the same index, whichever objects they are. */
  frame(frame: Frame): FrameIndex {
    const code = this.#names.intern(this.#text(frame.name), this.#text(frame.file))
    const place = this.#places.intern(frame.line, frame.column)
    const index = this.#framePairs.intern(code, place)
    if (index === this.#frames.length) this.#frames.push(frame)
    return index
  }

  /** The stack `parent → frame`; the same two always give the same stack. */
  stack(parent: StackIndex, frame: FrameIndex): StackIndex {
    return this.#stacks.intern(parent, frame)
  }

  labelSet(labels: Iterable<readonly [string, string]>): LabelSetIndex {
    const sorted = [...labels].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
    const key = sorted
      .map(([name, value]) => `${name.length}:${name}${value.length}:${value}`)
      .join('')
    let index = this.#labelSetIndexes.get(key)
    if (index === undefined) {
      index = this.#labelSets.length
      this.#labelSets.push(new Map(sorted))
      this.#labelSetIndexes.set(key, index)
    }
    return index
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
      frames: this.#frames,
      stacks: { frame: this.#stacks.second.finish(), parent: this.#stacks.first.finish() },
      samples: samples ?? {
        stack: this.#sampleStack.finish(),
        weight: this.#sampleWeight.finish(),
        labelSet: this.#sampleLabelSet.finish(),
      },
      labelSets: this.#labelSets,
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

  #text(text: string): number {
    let index = this.#texts.get(text)
    if (index === undefined) {
      index = this.#texts.size
      this.#texts.set(text, index)
    }
    return index
  }
}
