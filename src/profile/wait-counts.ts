import { Float64Column } from './columns.js'
import { awaitedBy } from './frames.js'
import { PairTable } from './pair-table.js'
import type { LabelSetIndex, Profile, StackIndex, WaitCount } from './profile.js'

/** Several waits as one number each. */
export type WaitSum = Omit<WaitCount, 'stack' | 'labelSet'>

/**
 * Adds waits up: those of one stack and label set become one entry, with the sums of their counts
 * and lengths, and the longest of all. How many of several entries went on at once nobody knows.
 */
export class WaitCounts {
  readonly #pairs = new PairTable()
  readonly #counts = new Float64Column()
  readonly #totals = new Float64Column()
  readonly #longest = new Float64Column()
  /** NaN: not known. */
  readonly #mostAtOnce = new Float64Column()

  add(stack: StackIndex, labelSet: LabelSetIndex, sum: WaitSum): void {
    const pair = this.#pairs.intern(stack, labelSet)
    if (pair === this.#counts.length) {
      this.#counts.push(0)
      this.#totals.push(0)
      this.#longest.push(0)
      this.#mostAtOnce.push(sum.mostAtOnce ?? Number.NaN)
    } else this.#mostAtOnce.set(pair, Number.NaN)
    this.#counts.set(pair, this.#counts.at(pair) + sum.count)
    this.#totals.set(pair, this.#totals.at(pair) + sum.totalMicros)
    this.#longest.set(pair, Math.max(this.#longest.at(pair), sum.longestMicros))
  }

  /** By stack, then by label set. */
  finish(): WaitCount[] {
    const waits = Array.from({ length: this.#pairs.size }, (_, pair) => ({
      stack: this.#pairs.first.at(pair),
      labelSet: this.#pairs.second.at(pair),
      count: this.#counts.at(pair),
      totalMicros: this.#totals.at(pair),
      longestMicros: this.#longest.at(pair),
      ...mostAtOnce(this.#mostAtOnce.at(pair)),
    }))
    return waits.sort((a, b) => a.stack - b.stack || a.labelSet - b.labelSet)
  }
}

/** The waits of each `[await]`, whichever recordings they are of. */
export function waitsByStack({ waits }: Profile): ReadonlyMap<StackIndex, WaitSum> {
  const sums = new WaitCounts()
  for (const wait of waits) sums.add(wait.stack, 0, wait)
  return new Map(sums.finish().map(({ stack, labelSet: _, ...sum }) => [stack, sum]))
}

/**
 * The waits of a profile whose stacks have become those of another one. Those whose `[await]` is
 * left out, or has become part of a frame that is none, are gone: nobody could say of what they
 * were the number. `labelSetOf`: what has become of the label sets.
 */
export function movedWaits(
  waits: readonly WaitCount[],
  to: Pick<Profile, 'frames' | 'stacks'>,
  stackOf: ArrayLike<StackIndex>,
  labelSetOf?: ArrayLike<LabelSetIndex>,
): readonly WaitCount[] {
  if (waits.length === 0) return waits
  const moved = new WaitCounts()
  for (const wait of waits) {
    const stack = stackOf[wait.stack]!
    if (!isAwait(to, stack)) continue
    moved.add(stack, labelSetOf?.[wait.labelSet] ?? wait.labelSet, wait)
  }
  return moved.finish()
}

/** Does the stack end in an `[await]`? */
export function isAwait(
  { frames, stacks }: Pick<Profile, 'frames' | 'stacks'>,
  stack: StackIndex,
): boolean {
  return stack > 0 && awaitedBy(frames[stacks.frame[stack]!]!) !== null
}

// --- internal ---

function mostAtOnce(most: number): Pick<WaitCount, 'mostAtOnce'> {
  return Number.isNaN(most) ? {} : { mostAtOnce: most }
}
