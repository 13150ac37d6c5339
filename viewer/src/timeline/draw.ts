import { amount } from '../../../src/render/measure.js'
import type { Range } from '../../../src/transform/range.js'
import { type Bar, barsOf } from './bars.js'
import type { Palette } from './colours.js'
import { bandOf, rowsBetween } from './layout.js'
import { edgesOf, stripsOf } from './strips.js'
import { fittedText, wholeText } from './text-fit.js'
import { paintOf, rowOf, type TimelineModel, textOf } from './timeline-model.js'

/** A piece that stands out: under the pointer, or where the keyboard is. */
export interface Spot {
  readonly row: number
  readonly piece: number
}

export interface Picture {
  readonly model: TimelineModel
  readonly palette: Palette
  readonly shown: Range
  /** The range of time that all views show; null for all of it. */
  readonly range: Range | null
  readonly ticks: readonly number[]
  readonly hover: Spot | null
  readonly cursor: Spot | null
  /** How far the rows are scrolled up. */
  readonly scroll: number
  /** All of it, and the part left of the time axis. */
  readonly width: number
  readonly height: number
  readonly gutter: number
}

type Context = CanvasRenderingContext2D

/** Draws what is in view, and nothing else. */
export function draw(context: Context, picture: Picture): void {
  const { model, palette, scroll, width, height, gutter } = picture
  context.clearRect(0, 0, width, height)
  context.save()
  context.beginPath()
  context.rect(gutter, 0, width - gutter, height)
  context.clip()
  context.translate(gutter, -scroll)
  drawGrid(context, picture)
  const [first, last] = rowsBetween(model, scroll, scroll + height)
  for (let row = first; row <= last; row++) drawRow(context, picture, row)
  drawOutside(context, picture)
  if (picture.hover) drawSpot(context, picture, picture.hover, palette.muted)
  if (picture.cursor) drawSpot(context, picture, picture.cursor, palette.accent)
  context.restore()
  context.save()
  context.translate(0, -scroll)
  for (let row = first; row <= last; row++) drawLabel(context, picture, row)
  context.restore()
}

// --- internal ---

/** Of the text, from the edge of its bar. */
const PADDING = 5
const SHORTEST_TEXT = 22

function scalingOf({ shown, width, gutter }: Picture) {
  return { ...shown, width: width - gutter }
}

function xOf(picture: Picture, time: number): number {
  const { from, to, width } = scalingOf(picture)
  return ((time - from) / (to - from)) * width
}

function drawGrid(context: Context, picture: Picture): void {
  context.fillStyle = picture.palette.guide
  for (const at of picture.ticks) {
    context.fillRect(Math.round(xOf(picture, at)), picture.scroll, 1, picture.height)
  }
}

function drawRow(context: Context, picture: Picture, index: number): void {
  const { model, palette } = picture
  const { top, height } = bandOf(model, index)
  const isAccounts = model.lanes[index]?.account === null
  const isLane = index < model.lanes.length
  const inset = isAccounts ? 2 : isLane ? 3 : 0
  const bars = barsOf(rowOf(model, index), scalingOf(picture))
  for (const { left, width, paint, dense } of stripsOf(model, index, bars)) {
    context.fillStyle = isAccounts || dense ? palette.solid[paint] : palette.tint[paint]
    context.globalAlpha = dense && !isAccounts ? DENSE : 1
    context.fillRect(left, top + inset, width, height - 2 * inset - 1)
  }
  context.globalAlpha = 1
  if (isAccounts) return
  context.font = isLane ? `11px ${palette.sans}` : `11.5px ${palette.mono}`
  context.textBaseline = 'middle'
  for (const bar of bars) drawText(context, picture, index, bar, top + height / 2)
}

/** Between the full colour and the one that is written on. */
const DENSE = 0.7

function drawText(context: Context, picture: Picture, index: number, bar: Bar, y: number): void {
  const { model, palette } = picture
  if (bar.merged || bar.right - bar.left < SHORTEST_TEXT) return
  const [left, width] = edgesOf(bar)
  const row = rowOf(model, index)
  const value = row.value(bar.piece)
  const text = textOf(model, index, value)
  const room = width - 2 * PADDING
  const long = row.end(bar.piece) - row.start(bar.piece)
  const shown = text
    ? fittedText(context, text, room)
    : wholeText(context, amount(long, model.profile.unit), room)
  context.fillStyle = paintOf(model, index, value) === 'plain' ? palette.muted : palette.ink
  context.fillText(shown, left + PADDING, y)
}

/** What is not in the range fades. */
function drawOutside(context: Context, picture: Picture): void {
  const { range, palette, scroll, height } = picture
  if (!range) return
  const width = picture.width - picture.gutter
  const from = Math.max(0, Math.min(width, xOf(picture, range.from)))
  const to = Math.max(0, Math.min(width, xOf(picture, range.to)))
  context.fillStyle = palette.bg
  context.globalAlpha = 0.7
  context.fillRect(0, scroll, from, height)
  context.fillRect(to, scroll, width - to, height)
  context.globalAlpha = 1
  context.fillStyle = palette.accent
  if (from > 0) context.fillRect(Math.round(from) - 1, scroll, 1, height)
  if (to < width) context.fillRect(Math.round(to), scroll, 1, height)
}

function drawSpot(context: Context, picture: Picture, spot: Spot, colour: string): void {
  const { model } = picture
  if (spot.row >= model.rowCount) return
  const row = rowOf(model, spot.row)
  const { top, height } = bandOf(model, spot.row)
  const width = picture.width - picture.gutter
  const left = Math.max(-2, Math.round(xOf(picture, row.start(spot.piece))))
  const right = Math.min(width + 2, Math.round(xOf(picture, row.end(spot.piece))))
  context.strokeStyle = colour
  context.lineWidth = 2
  context.strokeRect(left, top + 1, Math.max(2, right - left - 1), height - 3)
}

function drawLabel(context: Context, picture: Picture, index: number): void {
  const { model, palette, gutter } = picture
  const lane = model.lanes[index]
  const isFirstLevel = index === model.lanes.length
  if (!lane && !isFirstLevel) return
  const { top, height } = bandOf(model, index)
  context.font = `12px ${palette.sans}`
  context.textBaseline = 'middle'
  const y = top + height / 2
  let room = gutter - 12
  if (lane && gutter >= WIDE_GUTTER) {
    const total = amount(lane.total, model.profile.unit)
    context.fillStyle = palette.faint
    if (lane.account) {
      context.textAlign = 'right'
      context.fillText(total, gutter - 12, y)
      context.textAlign = 'left'
      room -= context.measureText(total).width + 10
    }
  }
  context.fillStyle = palette.muted
  context.fillText(fittedText(context, lane?.name ?? 'Call stacks', room), 0, y)
}

/** From here on there is room for the total of a lane beside its name. */
const WIDE_GUTTER = 150
