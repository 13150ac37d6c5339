import type { Bar } from './bars.js'
import { type Paint, paintOf, rowOf, type TimelineModel } from './timeline-model.js'

/** A rectangle of one colour. */
export interface Strip {
  readonly left: number
  width: number
  readonly paint: Paint
  /** Too narrow for a lighter colour to be seen, and for a gap. */
  readonly dense: boolean
}

/** The bars as rectangles on whole pixels; narrow neighbours of one colour are one of them. */
export function stripsOf(model: TimelineModel, index: number, bars: readonly Bar[]): Strip[] {
  const row = rowOf(model, index)
  const strips: Strip[] = []
  let last: Strip | undefined
  for (const bar of bars) {
    const [left, width] = edgesOf(bar)
    const paint = paintOf(model, index, row.value(bar.piece))
    const dense = isNarrow(width)
    const isNext = last?.dense && dense && last.paint === paint && left <= last.left + last.width
    if (last && isNext) {
      last.width = Math.max(last.width, left + width - last.left)
    } else {
      last = { left, width, paint, dense }
      strips.push(last)
    }
  }
  return strips
}

/** Between neighbours a pixel stays free, where there is room. */
export function edgesOf({ left, right }: Bar): [left: number, width: number] {
  const from = Math.round(left)
  const width = Math.max(1, Math.round(right) - from)
  return [from, isNarrow(width) ? width : width - 1]
}

// --- internal ---

function isNarrow(width: number): boolean {
  return width <= 3
}
