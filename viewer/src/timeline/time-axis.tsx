import type { Range } from '../../../src/transform/range.js'
import type { Tick } from './ticks.js'
import { useGestures } from './use-gestures.js'
import { panned, zoomed } from './zoom.js'

interface TimeAxisProps {
  readonly shown: Range
  readonly whole: number
  readonly ticks: readonly Tick[]
  /** Marked, if any. */
  readonly range: Range | null
  readonly width: number
  readonly onMove: (step: (now: Range) => Range) => void
}

/** The time, from left to right. Dragged, it moves what is on show; the wheel zooms. */
export function TimeAxis({ shown, whole, ticks, range, width, onMove }: TimeAxisProps) {
  const handlers = useGestures({
    shown,
    width,
    gutter: 0,
    selects: false,
    scrolls: () => false,
    onPan: (by) => onMove((now) => panned(now, by, whole)),
    onZoom: (factor, at) => onMove((now) => zoomed(now, factor, at, whole)),
  })
  const xOf = (time: number) => ((time - shown.from) / (shown.to - shown.from)) * width
  const edge = (time: number) => Math.max(0, Math.min(width, xOf(time)))
  return (
    <div class="time-axis" style={{ width: `${width}px` }} {...handlers} aria-hidden="true">
      {range && (
        <i
          class="time-range"
          style={{ left: `${edge(range.from)}px`, width: `${edge(range.to) - edge(range.from)}px` }}
        />
      )}
      {ticks.map(({ at, label }) => (
        <span key={at} class="time-tick" style={{ left: `${xOf(at)}px` }}>
          {xOf(at) < width - LABEL_PX ? label : ''}
        </span>
      ))}
    </div>
  )
}

/** How many ticks have room for their labels. */
export function mostTicks(width: number): number {
  return Math.max(2, Math.floor(width / 90))
}

// --- internal ---

const LABEL_PX = 52
