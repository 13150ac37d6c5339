import type { ProfileBuilder } from '../../profile/builder.js'
import { ANONYMOUS } from '../../profile/frames.js'
import type { Frame, FrameIndex } from '../../profile/profile.js'
import type { JsonScanner } from '../shared/json-scanner.js'
import { CallFrameCache } from './call-frame-cache.js'
import { FrameNumbering } from './frame-numbering.js'

/** V8's meta nodes have no place, whatever lines older versions gave them. */
const META = new Set(['(root)', '(program)', '(idle)', '(garbage collector)'])

/**
 * Fields of a V8 call frame, unchecked. Lines and columns count from 0, and -1 is unknown; from 1,
 * where there is a `bailoutReason`, which only the packages called v8-profiler write.
 */
export interface RawCallFrame {
  functionName?: unknown
  url?: unknown
  lineNumber?: unknown
  columnNumber?: unknown
  bailoutReason?: unknown
}

/** Turns `callFrame` objects into frames of a profile. */
export class CallFrameReader {
  /** Call frames that had no usable function name. */
  unnamed = 0
  readonly #scanner: JsonScanner
  readonly #builder: ProfileBuilder
  #generation = cache.generation
  /** Frames have been added that the numbering does not know. */
  #mayRepeat = false

  constructor(scanner: JsonScanner, builder: ProfileBuilder) {
    this.#scanner = scanner
    this.#builder = builder
    numbering.startOver()
  }

  /** The length of the call frame that `find` found. */
  get length(): number {
    return cache.length
  }

  /** The frame of the call frame at a place in the window, -1 if it was not read before. */
  find(start: number): FrameIndex {
    const known = cache.find(this.#scanner.view, start)
    return known === -1 ? -1 : this.#ofNumber(known)
  }

  /** Consumes the call frame at the scanner's place. */
  read(): FrameIndex {
    const scanner = this.#scanner
    scanner.peek()
    const start = scanner.pos
    const known = this.find(start)
    if (known !== -1) {
      scanner.pos = start + cache.length
      return known
    }
    const raw = scanner.value() as RawCallFrame | null
    if (typeof raw?.functionName !== 'string') return this.fromRaw(raw)
    const frame = toFrame(raw)
    const added = cache.add(scanner.bytes, start, scanner.pos - start, frame)
    return added === -1 ? this.#intern(frame) : this.#ofNumber(added)
  }

  /** `countsFrom`: its first line, if not what its fields tell. */
  fromRaw(raw: RawCallFrame | null, countsFrom?: 0 | 1): FrameIndex {
    if (typeof raw?.functionName !== 'string') this.unnamed++
    return this.#intern(toFrame(raw ?? {}, countsFrom))
  }

  #ofNumber(number: number): FrameIndex {
    if (this.#generation !== cache.generation) {
      this.#generation = cache.generation
      this.#mayRepeat = true
      numbering.startOver()
    }
    const known = numbering.get(number)
    if (known !== -1) return known
    const frame = cache.frame(number)
    const index = this.#mayRepeat ? this.#builder.frame(frame) : this.#builder.newFrame(frame)
    numbering.set(number, index)
    return index
  }

  #intern(frame: Frame): FrameIndex {
    this.#mayRepeat = true
    return this.#builder.frame(frame)
  }
}

// --- internal ---

const MAX_POSITION = 0x7fffffff

/** One for the process: the next dump has the same call frames. */
const cache = new CallFrameCache()
const numbering = new FrameNumbering()

function toFrame(raw: RawCallFrame, countsFrom = raw.bailoutReason === undefined ? 0 : 1): Frame {
  const { functionName, url, lineNumber, columnNumber } = raw
  const name = typeof functionName === 'string' && functionName !== '' ? functionName : ANONYMOUS
  const file = typeof url === 'string' ? url : ''
  if (file === '' && META.has(name)) return { name, file, line: 0, column: 0 }
  const [line, column] = [position(lineNumber, countsFrom), position(columnNumber, countsFrom)]
  return { name, file, line, column }
}

/** From 1, 0 if it is not known. */
function position(raw: unknown, countsFrom: number): number {
  return typeof raw === 'number' && Number.isInteger(raw) && raw >= countsFrom && raw < MAX_POSITION
    ? raw + 1 - countsFrom
    : 0
}
