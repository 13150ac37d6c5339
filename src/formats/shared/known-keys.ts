const QUOTE = 0x22

/** Keys that objects of one sort have, mostly in one order. */
export class KnownKeys {
  /** In UTF-8. */
  readonly keys: readonly Uint8Array[]
  /** Comes next if they come as they did. */
  #next = 0

  constructor(keys: readonly string[]) {
    const encoder = new TextEncoder()
    this.keys = keys.map((key) => encoder.encode(key))
  }

  /** The index of the key that stands here and has a quote behind it; -1: none of them. */
  find(bytes: Uint8Array, start: number): number {
    const { length } = this.keys
    let index = this.#next
    for (let tried = 0; tried < length; tried++) {
      const key = this.keys[index]!
      const after = index + 1 === length ? 0 : index + 1
      if (bytes[start + key.length] === QUOTE && matches(bytes, start, key)) {
        this.#next = after
        return index
      }
      index = after
    }
    return -1
  }
}

// --- internal ---

function matches(bytes: Uint8Array, start: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false
  return true
}
