import { useRef } from 'preact/hooks'
import type { Range } from '../../../src/transform/range.js'

/** What is done with a stretch of time under the pointer. */
export interface TimeGestures {
  /** The stretch of time on show: so many pixels, after a gutter. */
  readonly shown: Range
  readonly width: number
  readonly gutter: number
  /** Does dragging select? Otherwise, and with Shift, it moves what is on show. */
  readonly selects: boolean
  /** Is a plain turn of the wheel left to the browser, because there is something to scroll? */
  readonly scrolls: () => boolean
  readonly onPan: (by: number) => void
  readonly onZoom: (factor: number, at: number) => void
  /** While a range is being drawn; null when it is given up. */
  readonly onSelecting?: (range: Range | null) => void
  readonly onSelected?: (range: Range) => void
  /** Pressed and let go in one place. */
  readonly onPress?: (event: PointerEvent) => void
}

/** Pointer and wheel as handlers of an element: drag, pinch and wheel. */
export function useGestures(gestures: TimeGestures) {
  const { shown, width, gutter } = gestures
  const fingers = useRef(new Map<number, number>())
  const drag = useRef<Drag | null>(null)
  const perPixel = (shown.to - shown.from) / Math.max(1, width)
  const left = useRef(0)
  const timeAt = (x: number) =>
    shown.from + Math.max(0, Math.min(width, x - left.current)) * perPixel
  const look = (event: MouseEvent) => {
    left.current = (event.currentTarget as Element).getBoundingClientRect().left + gutter
  }

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return
    look(event)
    const element = event.currentTarget as Element
    element.setPointerCapture(event.pointerId)
    fingers.current.set(event.pointerId, event.clientX)
    const { clientX: x } = event
    const moves = event.shiftKey || event.pointerType === 'touch' || !gestures.selects
    if (fingers.current.size > 1) drag.current = { kind: 'pinch', start: x, last: x, moved: true }
    else drag.current = { kind: moves ? 'pan' : 'select', start: x, last: x, moved: false }
  }
  const onPointerMove = (event: PointerEvent) => {
    const now = drag.current
    const { clientX: x } = event
    if (!now || !fingers.current.has(event.pointerId)) return
    if (now.kind === 'pinch') {
      pinch(fingers.current, event, gestures, timeAt)
      return
    }
    now.moved ||= Math.abs(x - now.start) >= SLOP
    if (!now.moved) return
    if (now.kind === 'pan') gestures.onPan((now.last - x) * perPixel)
    else gestures.onSelecting?.(between(timeAt(now.start), timeAt(x)))
    now.last = x
  }
  const onPointerUp = (event: PointerEvent) => {
    const now = drag.current
    fingers.current.delete(event.pointerId)
    if (!now) return
    drag.current = null
    if (!now.moved) return gestures.onPress?.(event)
    if (now.kind !== 'select') return
    gestures.onSelecting?.(null)
    const range = between(timeAt(now.start), timeAt(event.clientX))
    if (Math.round(range.from) < Math.round(range.to)) gestures.onSelected?.(range)
  }
  const onPointerCancel = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId)
    drag.current = null
    gestures.onSelecting?.(null)
  }
  const onWheel = (event: WheelEvent) => {
    const zooms = event.ctrlKey || event.metaKey
    const across = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
    const pans = !zooms && Math.abs(across) > (event.shiftKey ? 0 : Math.abs(event.deltaY))
    if (!zooms && !pans && gestures.scrolls()) return
    event.preventDefault()
    look(event)
    if (pans) return gestures.onPan(across * perPixel)
    const turn = Math.max(-MOST_TURN, Math.min(MOST_TURN, event.deltaY))
    gestures.onZoom(Math.exp(-turn / 120), timeAt(event.clientX))
  }
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onWheel }
}

// --- internal ---

interface Drag {
  readonly kind: 'pan' | 'select' | 'pinch'
  readonly start: number
  last: number
  moved: boolean
}

/** Pixels that a hand trembles. */
const SLOP = 4
/** Wheels turn by a hundred or so, trackpads by a few at a time. */
const MOST_TURN = 60

function between(a: number, b: number): Range {
  return { from: Math.min(a, b), to: Math.max(a, b) }
}

/** Two fingers: their distance zooms, their middle moves. */
function pinch(
  fingers: Map<number, number>,
  event: PointerEvent,
  { onZoom, onPan, shown, width }: TimeGestures,
  timeAt: (x: number) => number,
): void {
  const measure = () => {
    const [a = 0, b = 0] = [...fingers.values()]
    return { apart: Math.max(SLOP, Math.abs(a - b)), middle: (a + b) / 2 }
  }
  const before = measure()
  fingers.set(event.pointerId, event.clientX)
  const after = measure()
  onPan(((before.middle - after.middle) * (shown.to - shown.from)) / Math.max(1, width))
  onZoom(after.apart / before.apart, timeAt(after.middle))
}
