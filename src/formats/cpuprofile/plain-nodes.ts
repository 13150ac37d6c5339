import type { FrameIndex } from '../../profile/profile.js'
import type { JsonScanner } from '../shared/json-scanner.js'
import type { CallFrameReader } from './frames.js'
import type { NodeTable } from './node-table.js'

const NEW_LINE = 0x0a
const COMMA = 0x2c
const CLOSE_ARRAY = 0x5d
const CLOSE_OBJECT = 0x7d
/** Digits that fit into 31 bits, whichever they are. */
const MOST_DIGITS = 9

/**
 * Appends the nodes of a list from the scanner's place on, as long as they are written as V8 and we
 * write them, to the byte, and in the window as a whole. True if that was the rest of the list, and
 * its bracket is consumed; else the next node is yet to be read.
 */
export function readPlainNodes(
  scanner: JsonScanner,
  table: NodeTable,
  callFrames: CallFrameReader,
): boolean {
  const { bytes, view } = scanner
  for (;;) {
    const start = scanner.pos
    let at = start
    if (bytes[at] === NEW_LINE) at++
    if (!ID.isAt(view, at)) return false
    const id = digitsAt(bytes, at + ID.length)
    at += ID.length + widthOf(id)
    if (id === -1 || !CALL_FRAME.isAt(view, at)) return false
    at += CALL_FRAME.length
    let frame = callFrames.find(at)
    if (frame !== -1) at += callFrames.length
    else {
      frame = readNew(scanner, callFrames, at)
      if (frame === -1) return false
      at = scanner.pos
    }
    let hits = 0
    if (HIT_COUNT.isAt(view, at)) {
      hits = digitsAt(bytes, at + HIT_COUNT.length)
      at += HIT_COUNT.length + widthOf(hits)
    }
    const edges = table.edgeChild.length
    if (CHILDREN.isAt(view, at)) at = readChildren(bytes, at + CHILDREN.length, table)
    const behind = bytes[at + 1]
    const isWhole = bytes[at] === CLOSE_OBJECT && (behind === COMMA || behind === CLOSE_ARRAY)
    if (!isWhole || hits === -1) {
      table.edgeParent.length = edges
      table.edgeChild.length = edges
      scanner.pos = start
      return false
    }
    table.id.push(id)
    table.frame.push(frame)
    table.hitCount.push(hits)
    scanner.pos = at + 2
    if (behind === CLOSE_ARRAY) return true
  }
}

// --- internal ---

/** -1, and what is wrong is told by who reads it once more. */
function readNew(scanner: JsonScanner, callFrames: CallFrameReader, at: number): FrameIndex {
  const { pos } = scanner
  const { unnamed } = callFrames
  scanner.pos = at
  try {
    const frame = callFrames.read()
    if (callFrames.unnamed === unnamed) return frame
  } catch {}
  scanner.pos = pos
  callFrames.unnamed = unnamed
  return -1
}

/** From behind the bracket on; where the list ends, NaN where it is not plain. */
function readChildren(bytes: Uint8Array, start: number, table: NodeTable): number {
  const { edgeParent, edgeChild } = table
  const row = table.id.length
  let at = start
  if (bytes[at] === CLOSE_ARRAY) return at + 1
  do {
    const child = digitsAt(bytes, at)
    if (child === -1) return Number.NaN
    edgeParent.push(row)
    edgeChild.push(child)
    at += widthOf(child) + 1
  } while (bytes[at - 1] === COMMA)
  return bytes[at - 1] === CLOSE_ARRAY ? at : Number.NaN
}

/** A text that is compared four bytes at a time, the last of them once more where they overlap. */
class Text {
  readonly length: number
  readonly #words: Int32Array
  readonly #last: number

  constructor(text: string) {
    const bytes = new TextEncoder().encode(text)
    const view = new DataView(bytes.buffer)
    this.length = bytes.length
    this.#words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) =>
      view.getInt32(4 * i, true),
    )
    this.#last = view.getInt32(bytes.length - 4, true)
  }

  isAt(view: DataView, at: number): boolean {
    const last = at + this.length - 4
    if (last + 4 > view.byteLength || view.getInt32(last, true) !== this.#last) return false
    const words = this.#words
    for (let i = 0; i < words.length; i++) {
      if (view.getInt32(at + 4 * i, true) !== words[i]) return false
    }
    return true
  }
}

const ID = new Text('{"id":')
const CALL_FRAME = new Text(',"callFrame":')
const HIT_COUNT = new Text(',"hitCount":')
const CHILDREN = new Text(',"children":[')

/** The number of few digits that stands here; -1, where there is none. */
function digitsAt(bytes: Uint8Array, at: number): number {
  let value = bytes[at]! ^ 0x30
  if (value > 9) return -1
  const end = at + MOST_DIGITS
  for (let next = at + 1; next < end; next++) {
    const digit = bytes[next]! ^ 0x30
    if (digit > 9) break
    value = (Math.imul(value, 10) + digit) | 0
  }
  return value
}

/** How many digits a number has that is written without zeros in front; others end elsewhere. */
function widthOf(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
  if (value < 1_000_000) return value < 10_000 ? 4 : value < 100_000 ? 5 : 6
  return value < 10_000_000 ? 7 : value < 100_000_000 ? 8 : 9
}
