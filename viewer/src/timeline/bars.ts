import type { Range } from '../../../src/transform/range.js'
import { NONE } from './runs.js'
import type { Row } from './timeline-rows.js'

/** What is drawn for a piece, in pixels from the left of what is on show. */
export interface Bar {
  readonly left: number
  readonly right: number
  readonly piece: number
  /** Stands for all that is too short to be seen in this pixel; `piece` is the first of them. */
  readonly merged: boolean
}

/** A stretch of time on so many pixels. */
export interface Scaling extends Range {
  readonly width: number
}

/**
 * The bars of a row in a stretch of time: at most two for each pixel, however many pieces there
 * are. Pieces shorter than a pixel are merged with what else is in it.
 */
export function barsOf(row: Row, { from, to, width }: Scaling): Bar[] {
  const bars: Bar[] = []
  const scale = width / (to - from)
  let piece = row.at(from)
  while (piece !== NONE && row.start(piece) < to) {
    const left = (row.start(piece) - from) * scale
    const right = (row.end(piece) - from) * scale
    if (right - left >= 1) {
      bars.push({ left: Math.max(0, left), right: Math.min(width, right), piece, merged: false })
      piece = row.after(piece)
      continue
    }
    const pixel = Math.max(0, Math.floor(left))
    bars.push({ left: pixel, right: pixel + 1, piece, merged: true })
    const next = row.at(from + (pixel + 1) / scale)
    piece = next > piece || next === NONE ? next : row.after(piece)
  }
  return bars
}
