import { ProfviewError } from '../errors.js'
import { ProfileBuilder } from '../profile/builder.js'
import { Float64Column, Int32Column } from '../profile/columns.js'
import { REQUEST_LABEL } from '../profile/labels.js'
import { PairTable } from '../profile/pair-table.js'
import type { DumpMeta, LabelSetIndex, Profile, StackIndex, Unit } from '../profile/profile.js'
import { WaitCounts } from '../profile/wait-counts.js'
import { canonicalProfile } from './canonical.js'
import { labelSource, nameWorkers } from './label-source.js'
import { onUsedStacks } from './used-stacks.js'
import { withForeignTime, withoutForeignTime } from './version-1.js'

/** The name of a merge of differently named profiles. */
const MERGED = 'merged'

/**
 * One profile of many. Every sample keeps the labels it has and gets `worker`, `route` and
 * `request` from the dump it comes from, and so does every wait; times are summed per stack and
 * label set, to the microsecond. The order of time is lost, except for a single profile, which
 * comes back with its labels and its timeline.
 *
 *     main;a 3 {request=1}  +  main;a 2 {request=1}, main;b 5 {request=2}
 *     =  main;a 3 {request=1}, main;b 5 {request=2}   (1 is in both: one dump counts once)
 *
 * Where versions of dumps meet, the `[blocked]` of version 1 becomes a frame of its own.
 *
 * Associative and commutative: any order and grouping gives the same profile, table by table.
 * Throws `MIXED_UNITS` for profiles whose weights are of different kinds.
 */
export function mergeProfiles(profiles: Iterable<Profile>): Profile {
  const merge = new Merge()
  let first: Profile | null = null
  const seen = new Set<string>()
  for (const profile of profiles) {
    const isNew = profile.sources.some(({ id }) => !seen.has(id))
    if (profile.sources.length > 0 && !isNew) continue
    for (const { id } of profile.sources) seen.add(id)
    const labelled = labelSource(profile)
    if (first === null) {
      first = labelled
      continue
    }
    if (merge.count === 0) merge.add(first)
    merge.add(labelled)
  }
  if (merge.count === 0 && first !== null) return first
  return canonicalProfile(nameWorkers(merge.finish()))
}

// --- internal ---

class Merge {
  count = 0
  #unit: Unit | null = null
  #name: string | null = null
  readonly #builder = new ProfileBuilder()
  readonly #sources = new Map<string, DumpMeta>()
  readonly #warnings = new Set<string>()
  /** Pairs of stack and label set, and their weights. */
  readonly #samples = new PairTable()
  readonly #weights = new Float64Column()
  readonly #waits = new WaitCounts()
  /** Of each stack the label set it was looked up with last, their row, and in which profile. */
  readonly #lastSet = new Int32Column()
  readonly #lastRow = new Int32Column()
  readonly #lastIn = new Int32Column()
  /** Label sets from here on are new with the profile that is added; the empty one never is. */
  #setsBefore = 1

  add(added: Profile): void {
    const profile = withForeignTime(added)
    this.count++
    if (profile.samples.stack.length > 0) this.#checkUnit(profile)
    this.#name = this.#name === null || this.#name === profile.name ? profile.name : MERGED
    for (const warning of profile.warnings) this.#warnings.add(warning)
    const repeated = this.#repeatedLabelSets(profile)
    for (const source of profile.sources) this.#sources.set(source.id, source)
    const frameOf = profile.frames.map((frame) => this.#builder.frame(frame))
    const stackOf = this.#builder.adopt(profile.stacks, frameOf)
    const labelSetOf = profile.labelSets.map((labels) => this.#builder.labelSet(labels))
    this.#addSamples(profile, stackOf, labelSetOf, repeated)
    for (const set of labelSetOf) this.#setsBefore = Math.max(this.#setsBefore, set + 1)
    for (const wait of profile.waits) {
      if (repeated[wait.labelSet]) continue
      this.#waits.add(stackOf[wait.stack]!, labelSetOf[wait.labelSet]!, wait)
    }
  }

  finish(): Profile {
    const stack = this.#samples.first.finish()
    const merged = this.#builder.build(
      {
        name: this.#name ?? MERGED,
        unit: this.#unit ?? 'microseconds',
        waits: this.#waits.finish(),
        sources: [...this.#sources.values()],
        warnings: [...this.#warnings],
      },
      { stack, labelSet: this.#samples.second.finish(), weight: this.#weights.finish() },
    )
    if (!merged.sources.some(({ version }) => version === 1)) return merged
    // Calls without time may have either name.
    return withoutForeignTime(onUsedStacks(merged).profile)
  }

  #checkUnit({ unit }: Profile): void {
    this.#unit ??= unit
    if (this.#unit !== unit) {
      throw new ProfviewError('MIXED_UNITS', `cannot add ${unit} to ${this.#unit}`)
    }
  }

  /** For each label set: does it belong to a dump that has been counted before? */
  #repeatedLabelSets({ sources, labelSets }: Profile): readonly boolean[] {
    if (!sources.some(({ id }) => this.#sources.has(id))) return []
    return labelSets.map((labels) => this.#sources.has(labels.get(REQUEST_LABEL) ?? ''))
  }

  #addSamples(
    { samples }: Profile,
    stackOf: Int32Array,
    labelSetOf: readonly number[],
    repeated: readonly boolean[],
  ): void {
    const { stack, weight, labelSet } = samples
    const isRepeated = repeated.includes(true)
    for (let i = 0; i < stack.length; i++) {
      if (weight[i] === 0 || (isRepeated && repeated[labelSet[i]!])) continue
      const row = this.#rowOf(stackOf[stack[i]!]!, labelSetOf[labelSet[i]!]!)
      if (row === this.#weights.length) this.#weights.push(0)
      this.#weights.set(row, this.#weights.at(row) + weight[i]!)
    }
  }

  /** Mostly not looked up: the stack had the set last, or has not had any that is new. */
  #rowOf(stack: StackIndex, set: LabelSetIndex): number {
    while (this.#lastSet.length <= stack) {
      this.#lastSet.push(-1)
      this.#lastRow.push(-1)
      this.#lastIn.push(-1)
    }
    if (this.#lastSet.at(stack) === set) return this.#lastRow.at(stack)
    const isNew = set >= this.#setsBefore && this.#lastIn.at(stack) !== this.count
    const row = isNew ? this.#samples.append(stack, set) : this.#samples.intern(stack, set)
    this.#lastSet.set(stack, set)
    this.#lastRow.set(stack, row)
    this.#lastIn.set(stack, this.count)
    return row
  }
}
