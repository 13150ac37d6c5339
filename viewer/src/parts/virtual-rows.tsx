import type { ComponentChild } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

interface VirtualRowsProps {
  readonly count: number
  readonly rowHeight: number
  /** The row that the keyboard is on; it is scrolled into view when it, or `reveal`, changes. */
  readonly active: number
  readonly reveal?: unknown
  /** The rows `from` to `to`, both included, of which those of `visible` are within the window. */
  readonly render: (from: number, to: number, visible: RowRange) => ComponentChild
}

export interface RowRange {
  readonly first: number
  readonly last: number
}

/**
 * Rows of equal height of which only the visible ones are in the document. Scrolls with the nearest
 * `[data-scroll]` element, below the `[data-sticky]` ones in it.
 */
export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeight, active, reveal, render } = props
  const spacer = useRef<HTMLTableSectionElement>(null)
  const [range, setRange] = useState<RowRange>({ first: 0, last: FIRST_PAINT })

  useLayoutEffect(() => {
    const scroller = spacer.current!.closest<HTMLElement>('[data-scroll]')!
    const measure = () => {
      const next = visibleRange(scroller, spacer.current!, rowHeight)
      setRange((now) => (now.first === next.first && now.last === next.last ? now : next))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(scroller)
    observer.observe(scroller.firstElementChild ?? scroller)
    scroller.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      scroller.removeEventListener('scroll', measure)
    }
  }, [rowHeight])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `reveal` asks again for the same row
  useLayoutEffect(() => {
    if (active >= 0) scrollToRow(spacer.current!, active, rowHeight)
  }, [active, reveal, rowHeight])

  const last = count - 1
  const from = Math.max(0, Math.min(range.first - OVERSCAN, last))
  const to = Math.min(last, range.last + OVERSCAN)
  const visible = { first: Math.min(range.first, last), last: Math.min(range.last, last) }
  return (
    <tbody
      ref={spacer}
      class="virtual-rows"
      style={{ height: `${count * rowHeight}px`, paddingTop: `${from * rowHeight}px` }}
    >
      {count === 0 ? null : render(from, to, visible)}
    </tbody>
  )
}

// --- internal ---

const OVERSCAN = 12
const FIRST_PAINT = 60

function visibleRange(scroller: HTMLElement, spacer: HTMLElement, rowHeight: number): RowRange {
  const hidden = scroller.getBoundingClientRect().top - spacer.getBoundingClientRect().top
  const first = Math.max(0, Math.floor(hidden / rowHeight))
  return { first, last: Math.floor((hidden + scroller.clientHeight) / rowHeight) }
}

function scrollToRow(spacer: HTMLElement, row: number, rowHeight: number): void {
  const scroller = spacer.closest<HTMLElement>('[data-scroll]')!
  const frame = scroller.getBoundingClientRect()
  let covered = 0
  for (const sticky of scroller.querySelectorAll<HTMLElement>('[data-sticky]')) {
    if (getComputedStyle(sticky).position === 'sticky') covered += sticky.offsetHeight
  }
  const top = spacer.getBoundingClientRect().top - frame.top + row * rowHeight
  const bottom = top + rowHeight
  if (top < covered) scroller.scrollTop += top - covered
  else if (bottom > scroller.clientHeight) scroller.scrollTop += bottom - scroller.clientHeight
}
