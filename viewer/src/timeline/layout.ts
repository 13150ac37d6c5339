import type { TimelineModel } from './timeline-model.js'

/** Heights, in pixels. */
export const LANE = 22
export const LEVEL = 20
/** Between the lanes and the call stacks. */
export const GAP = 14

export interface Band {
  readonly top: number
  readonly height: number
}

type Counts = Pick<TimelineModel, 'rowCount'> & { readonly lanes: { readonly length: number } }

/** Where a row is, from the top of the first. */
export function bandOf({ lanes }: Counts, index: number): Band {
  if (index < lanes.length) return { top: index * LANE, height: LANE }
  return { top: lanes.length * LANE + GAP + (index - lanes.length) * LEVEL, height: LEVEL }
}

/** The height of all rows. */
export function heightOf({ lanes, rowCount }: Counts): number {
  return lanes.length * LANE + GAP + (rowCount - lanes.length) * LEVEL
}

/** The row at a height, -1 for none. */
export function rowAtHeight(counts: Counts, y: number): number {
  const { lanes, rowCount } = counts
  if (y < 0) return -1
  if (y < lanes.length * LANE) return Math.floor(y / LANE)
  const index = lanes.length + Math.floor((y - lanes.length * LANE - GAP) / LEVEL)
  return index < lanes.length || index >= rowCount ? -1 : index
}

/** The rows of which any part lies between two heights. */
export function rowsBetween(counts: Counts, top: number, bottom: number): [number, number] {
  const { lanes, rowCount } = counts
  const at = (y: number) =>
    y < lanes.length * LANE
      ? Math.floor(y / LANE)
      : Math.max(lanes.length, lanes.length + Math.floor((y - lanes.length * LANE - GAP) / LEVEL))
  return [Math.max(0, at(top)), Math.min(rowCount - 1, at(bottom))]
}
