import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Range } from '../../../src/transform/range.js'
import { usePalette } from './colours.js'
import { draw, type Spot } from './draw.js'
import { bandOf, heightOf, rowAtHeight } from './layout.js'
import { NONE } from './runs.js'
import { ticksOf } from './ticks.js'
import { mostTicks, TimeAxis } from './time-axis.js'
import { extentOf, timelineStep } from './timeline-keys.js'
import { rowOf, type TimelineModel } from './timeline-model.js'
import { useGestures } from './use-gestures.js'
import { gutterOf, useSize } from './use-size.js'
import { around, panned, zoomed } from './zoom.js'

export interface StageProps {
  readonly model: TimelineModel
  readonly shown: Range
  readonly range: Range | null
  readonly cursor: Spot | null
  readonly label: string
  readonly onMove: (step: (now: Range) => Range) => void
  readonly onRange: (range: Range | null) => void
  readonly onCursor: (spot: Spot) => void
  readonly onHover: (spot: Spot | null) => void
}

/** The drawing: an axis, the lanes and the calls, and what hands do with them. */
export function TimelineStage(props: StageProps) {
  const { model, shown, cursor, label, onMove, onRange, onCursor, onHover } = props
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [selecting, setSelecting] = useState<Range | null>(null)
  const [hover, setHover] = useState<Spot | null>(null)
  const size = useSize(stage)
  const gutter = gutterOf(size.width)
  const width = Math.max(1, size.width - gutter)
  const ticks = ticksOf(shown, mostTicks(width), model.profile.unit)
  const range = selecting ?? props.range

  const spotAt = (event: MouseEvent): Spot | null => {
    const box = canvas.current!.getBoundingClientRect()
    const row = rowAtHeight(model, event.clientY - box.top + stage.current!.scrollTop)
    const x = event.clientX - box.left - gutter
    if (row < 0 || x < 0) return null
    return pieceNear(model, row, x, shown, width)
  }
  const point = (spot: Spot | null) => {
    if (spot?.row === hover?.row && spot?.piece === hover?.piece) return
    setHover(spot)
    onHover(spot)
  }
  const gestures = useGestures({
    shown,
    width,
    gutter,
    selects: true,
    scrolls: () => stage.current!.scrollHeight > stage.current!.clientHeight,
    onPan: (by) => onMove((now) => panned(now, by, model.whole)),
    onZoom: (factor, at) => onMove((now) => zoomed(now, factor, at, model.whole)),
    onSelecting: setSelecting,
    onSelected: onRange,
    onPress: (event) => {
      const spot = spotAt(event)
      if (spot) onCursor(spot)
    },
  })
  const onKeyDown = (event: KeyboardEvent) => {
    const step = timelineStep(event, { model, shown, cursor, range: props.range })
    if (!step) return
    event.preventDefault()
    if (step.shown) onMove(() => step.shown!)
    if (step.cursor) onCursor(step.cursor)
    if (step.range !== undefined) onRange(step.range)
  }
  const onDblClick = (event: MouseEvent) => {
    const spot = spotAt(event)
    if (spot) onMove(() => around(extentOf(model, spot), model.whole))
  }
  useDrawing(stage, canvas, size, {
    ...props,
    range,
    ticks: ticks.map(({ at }) => at),
    hover,
    gutter,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the row, not the place in it
  useEffect(() => {
    if (cursor) scrollTo(stage.current!, bandOf(model, cursor.row))
  }, [model, cursor?.row])
  return (
    <>
      <div class="time-head" style={{ paddingLeft: `${gutter}px` }}>
        <TimeAxis
          shown={shown}
          whole={model.whole}
          ticks={ticks}
          range={range}
          width={width}
          onMove={onMove}
        />
      </div>
      <div ref={stage} class="timeline-stage">
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it has keys of its own */}
        <canvas
          ref={canvas}
          role="application"
          aria-label={label}
          aria-describedby="timeline-details"
          tabIndex={0}
          {...gestures}
          onPointerMove={(event) => {
            gestures.onPointerMove(event)
            point(selecting ? null : spotAt(event))
          }}
          onPointerLeave={() => point(null)}
          onDblClick={onDblClick}
          onKeyDown={onKeyDown}
        />
        <div style={{ height: `${Math.max(0, heightOf(model) + 8 - size.height)}px` }} />
      </div>
    </>
  )
}

// --- internal ---

/** Short pieces are hard to hit: two pixels beside them count. */
const NEAR = 2

function pieceNear(
  model: TimelineModel,
  row: number,
  x: number,
  shown: Range,
  width: number,
): Spot | null {
  const perPixel = (shown.to - shown.from) / width
  const pieces = rowOf(model, row)
  const time = shown.from + x * perPixel
  const exact = pieces.at(time)
  if (exact !== NONE && pieces.start(exact) <= time) return { row, piece: exact }
  const piece = pieces.at(time - NEAR * perPixel)
  return piece !== NONE && pieces.start(piece) <= time + NEAR * perPixel ? { row, piece } : null
}

type Drawing = Pick<StageProps, 'model' | 'shown' | 'range' | 'cursor'> & {
  readonly ticks: readonly number[]
  readonly hover: Spot | null
  readonly gutter: number
}

/** Draws after every change, and while the rows are scrolled. */
function useDrawing(
  stage: { readonly current: HTMLElement | null },
  canvas: { readonly current: HTMLCanvasElement | null },
  { width, height }: { readonly width: number; readonly height: number },
  drawing: Drawing,
): void {
  const palette = usePalette()
  const paint = useRef(() => {})
  paint.current = () => {
    const { current } = canvas
    if (!current || width === 0) return
    const ratio = devicePixelRatio
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (current.width !== across || current.height !== down) {
      current.width = across
      current.height = down
      current.style.width = `${width}px`
      current.style.height = `${height}px`
    }
    const context = current.getContext('2d')!
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    draw(context, { ...drawing, palette, scroll: stage.current!.scrollTop, width, height })
  }
  useLayoutEffect(() => paint.current())
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the row, not the place in it
  useEffect(() => {
    const { current } = stage
    const onScroll = () => paint.current()
    current!.addEventListener('scroll', onScroll, { passive: true })
    return () => current!.removeEventListener('scroll', onScroll)
  }, [stage, paint])
}

function scrollTo(stage: HTMLElement, { top, height }: { top: number; height: number }): void {
  if (top < stage.scrollTop) stage.scrollTop = top
  else if (top + height > stage.scrollTop + stage.clientHeight) {
    stage.scrollTop = top + height - stage.clientHeight
  }
}
