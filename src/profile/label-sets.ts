import { type Budget, currentBudget } from './budget.js'
import type { LabelSetIndex, Labels } from './profile.js'

/**
 * Label sets in the order in which they are first seen, the empty one first; order in a set is no
 * matter.
 */
export class LabelSets {
  readonly sets: Labels[] = [new Map()]
  readonly #budget: Budget | null = currentBudget()
  readonly #indexes = new Map<string, LabelSetIndex>([['', 0]])

  intern(labels: Iterable<readonly [string, string]>): LabelSetIndex {
    const sorted = [...labels].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
    let key = ''
    for (const [name, value] of sorted) key += `${name.length}:${name}${value.length}:${value}`
    let index = this.#indexes.get(key)
    if (index === undefined) {
      this.#budget?.take(BYTES_OF_SET + BYTES_OF_LABEL * sorted.length + 2 * key.length)
      index = this.sets.length
      this.sets.push(new Map(sorted))
      this.#indexes.set(key, index)
    }
    return index
  }
}

// --- internal ---

/** Of a set with its entry in a map, and of a label in it, but for the texts. */
const BYTES_OF_SET = 300
const BYTES_OF_LABEL = 100
