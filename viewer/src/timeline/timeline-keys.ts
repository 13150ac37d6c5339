import type { Range } from '../../../src/transform/range.js'
import type { Spot } from './draw.js'
import { NONE } from './runs.js'
import { rowOf, type TimelineModel } from './timeline-model.js'
import { around, following, panned, zoomed } from './zoom.js'

/** Where a key leads: what is absent stays. */
export interface Step {
  readonly cursor?: Spot
  readonly shown?: Range
  /** Null drops the range. */
  readonly range?: Range | null
}

export interface Here {
  readonly model: TimelineModel
  readonly shown: Range
  readonly cursor: Spot | null
  readonly range: Range | null
}

/**
 * The keys of the timeline: left and right go along the pieces of a row, up and down to the other
 * rows, Enter makes the piece the range, Escape drops it, z zooms to the piece. Null where the key
 * is none of them.
 */
export function timelineStep(event: KeyboardEvent, here: Here): Step | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  const { model, shown, cursor } = here
  const zoom = zoomStep(event, shown, model.whole, cursor ? extentOf(model, cursor) : shown)
  if (zoom) return { shown: zoom }
  return event.shiftKey ? null : (moveStep(event, here) ?? rangeStep(event, here))
}

/** What a piece takes of the time. */
export function extentOf(model: TimelineModel, { row, piece }: Spot): Range {
  const pieces = rowOf(model, row)
  return { from: pieces.start(piece), to: pieces.end(piece) }
}

/**
 * + - 0 zoom where `around` is, with Shift in larger steps; Shift and the arrows move what is on
 * show. Null where the key is none of them.
 */
export function zoomStep(
  event: KeyboardEvent,
  shown: Range,
  whole: number,
  around: Range,
): Range | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  const length = shown.to - shown.from
  const factor = event.shiftKey ? 4 : 1.5
  const middle = Math.max(shown.from, Math.min(shown.to, (around.from + around.to) / 2))
  switch (event.key) {
    case '+':
    case '=':
      return zoomed(shown, factor, middle, whole)
    case '-':
    case '_':
      return zoomed(shown, 1 / factor, middle, whole)
    case '0':
      return { from: 0, to: whole }
    case 'ArrowLeft':
      return event.shiftKey ? panned(shown, -length / 2, whole) : null
    case 'ArrowRight':
      return event.shiftKey ? panned(shown, length / 2, whole) : null
    default:
      return null
  }
}

// --- internal ---

const PAGE = 10

function moveStep(event: KeyboardEvent, here: Here): Step | null {
  const { model, shown, cursor } = here
  const next = cursor ? nextSpot(event.key, model, shown, cursor) : firstSpot(event.key, here)
  if (!next) return null
  return { cursor: next, shown: following(shown, extentOf(model, next), model.whole) }
}

function rangeStep(event: KeyboardEvent, { model, cursor, range }: Here): Step | null {
  if (event.key === 'Escape') return range ? { range: null } : null
  if (!cursor) return null
  const piece = extentOf(model, cursor)
  if (event.key === 'Enter') return { range: piece }
  return event.key === 'z' ? { shown: around(piece, model.whole) } : null
}

const ARROWS: ReadonlySet<string> = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'])

function firstSpot(key: string, { model, shown }: Here): Spot | null {
  if (key === 'End') return { row: 0, piece: rowOf(model, 0).last() }
  if (key === 'Home') return { row: 0, piece: rowOf(model, 0).at(0) }
  return ARROWS.has(key) ? { row: 0, piece: rowOf(model, 0).at(shown.from) } : null
}

function nextSpot(key: string, model: TimelineModel, shown: Range, spot: Spot): Spot | null {
  const { row, piece } = spot
  const pieces = rowOf(model, row)
  const stay = (next: number) => (next === NONE ? spot : { row, piece: next })
  switch (key) {
    case 'ArrowRight':
      return stay(pieces.after(piece))
    case 'ArrowLeft':
      return stay(pieces.before(piece))
    case 'Home':
      return stay(pieces.at(0))
    case 'End':
      return stay(pieces.last())
    case 'ArrowDown':
      return inRow(model, shown, spot, row + 1)
    case 'ArrowUp':
      return inRow(model, shown, spot, row - 1)
    case 'PageDown':
      return inRow(model, shown, spot, row + PAGE)
    case 'PageUp':
      return inRow(model, shown, spot, row - PAGE)
    default:
      return null
  }
}

/** The piece of another row at the same time, as far as that is in view. */
function inRow(model: TimelineModel, shown: Range, spot: Spot, wanted: number): Spot {
  const row = Math.max(0, Math.min(model.rowCount - 1, wanted))
  const { from, to } = extentOf(model, spot)
  const time = from < shown.from && to > shown.from ? shown.from : from
  const pieces = rowOf(model, row)
  const piece = pieces.at(time)
  return { row, piece: piece === NONE ? pieces.last() : piece }
}
