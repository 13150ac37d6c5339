import { bad } from '../shared/bad.js'

type Numeric = number | bigint

/** The string table; every index into it is checked. */
export class PprofStrings {
  readonly #strings: readonly string[]

  constructor(strings: readonly string[]) {
    if (strings.length > 0 && strings[0] !== '') {
      throw bad('string_table[0]', 'is not empty')
    }
    this.#strings = strings
  }

  /** Throws `BAD_INPUT` with the place of the index if there is no such string. */
  at(index: Numeric, place: string): string {
    const text = index === 0 ? '' : this.#strings[Number(index)]
    if (text === undefined) {
      throw bad(place, `names no string (${index})`)
    }
    return text
  }
}

/**
 * An id that can be a key: exact past 2^53, and one number however many bytes it was written in.
 */
export function toId(id: Numeric): Numeric {
  return typeof id === 'bigint' && id <= Number.MAX_SAFE_INTEGER ? Number(id) : id
}
