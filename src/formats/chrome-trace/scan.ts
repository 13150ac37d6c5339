import { JsonScanner } from '../shared/json-scanner.js'
import { KnownKeys } from '../shared/known-keys.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const CLOSE_ARRAY = 0x5d
/** Of a bracket, makes a brace. */
const BRACE = 0x20

/** Names of the events that tell of CPU profiles and whose they are: few, of a million. */
const NAMES = ['ProfileChunk', 'Profile', 'CpuProfile', 'thread_name', 'process_name']

/** Walks the events of a trace: those that matter are parsed, the others passed over. */
export class TraceScanner extends JsonScanner {
  readonly #names = new KnownKeys(NAMES)

  /**
   * Calls `visit` with each event that matters. False where the file breaks off: a browser that is
   * killed writes no end, and what was written before is as good as ever.
   */
  events(visit: (event: unknown) => void): boolean {
    const enter = () => this.enter()
    const event = () => this.#event()
    const next = () => this.#next()
    try {
      if (!this.whole(enter)) return true
      do {
        const value = this.whole(event)
        if (value !== null) visit(value)
      } while (this.whole(next))
      return true
    } catch (error) {
      if (this.breaksOff) return false
      throw error
    }
  }

  /** The file broke off where the last fault was. */
  get breaksOff(): boolean {
    return this.ended && this.isCut
  }

  /** Lists may end in a comma, as those do that are written event by event. */
  #next(): boolean {
    if (!this.nextElement()) return false
    if (this.peek() !== CLOSE_ARRAY) return true
    this.pos++
    return false
  }

  #event(): unknown {
    if (this.peek() !== OPEN_OBJECT) {
      this.skip()
      return null
    }
    const start = this.pos
    if (!this.#skipEvent()) return null
    this.pos = start
    return this.value()
  }

  /**
   * Consumes an object; does it matter? One loop over all bytes of a file, nearly: what is between
   * the brackets and strings is not looked at.
   */
  #skipEvent(): boolean {
    const { bytes } = this
    const { length } = bytes
    let { pos } = this
    let depth = 0
    let isName = false
    let matters = false
    while (pos < length) {
      const byte = bytes[pos]!
      if (byte === QUOTE) {
        pos++
        if (depth === 1) {
          if (isName) matters = this.#names.find(bytes, pos) !== -1
          isName = !isName && isNameKey(bytes, pos)
        }
        pos = quoteFrom(bytes, pos)
      } else if (byte > 0x40) {
        const brace = byte | BRACE
        if (brace === OPEN_OBJECT) depth++
        else if (brace === CLOSE_OBJECT && --depth === 0) {
          this.pos = pos + 1
          return matters
        }
      }
      pos++
    }
    this.fail(length)
  }
}

/** Is it the start of a list of events? One of them, or as much as there is, will do. */
export function isListOfEvents(bytes: Uint8Array): boolean {
  const scanner = new JsonScanner(bytes)
  const keys = new Set<string>()
  try {
    if (!scanner.atArray() || !scanner.enter()) return false
    scanner.members((key) => {
      keys.add(key)
      scanner.skip()
    })
  } catch {
    // What was seen until here counts.
  }
  return keys.has('ph') || (keys.has('pid') && keys.has('tid')) || keys.has('args')
}

// --- internal ---

/** Where the string ends that goes on here. */
function quoteFrom(bytes: Uint8Array, start: number): number {
  const { length } = bytes
  let pos = start
  while (pos < length && bytes[pos] !== QUOTE) pos += bytes[pos] === BACKSLASH ? 2 : 1
  return pos
}

/** `name"` */
function isNameKey(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 0x6e &&
    bytes[at + 4] === QUOTE &&
    bytes[at + 1] === 0x61 &&
    bytes[at + 2] === 0x6d &&
    bytes[at + 3] === 0x65
  )
}
