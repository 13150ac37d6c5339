import type { Range } from '../../../src/transform/range.js'
import { zoomed } from './zoom.js'

interface ZoomButtonsProps {
  readonly shown: Range
  readonly whole: number
  readonly onMove: (step: (now: Range) => Range) => void
}

export function ZoomButtons({ shown, whole, onMove }: ZoomButtonsProps) {
  const isAll = shown.from <= 0 && shown.to >= whole
  const zoom = (factor: number) =>
    onMove((now) => zoomed(now, factor, (now.from + now.to) / 2, whole))
  return (
    <fieldset class="choice zoom">
      <legend class="unseen">Zoom</legend>
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoom(2)}>
        +
      </button>
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out (-)"
        disabled={isAll}
        onClick={() => zoom(1 / 2)}
      >
        −
      </button>
      <button
        type="button"
        title="Show everything (0)"
        disabled={isAll}
        onClick={() => onMove(() => ({ from: 0, to: whole }))}
      >
        All
      </button>
    </fieldset>
  )
}
