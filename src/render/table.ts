import { columnsOf, padded } from './columns.js'
import { cutMiddle } from './fit.js'
import type { Paint, Style } from './style.js'

/** A column of a table. */
export interface Column<Row> {
  readonly head: string
  readonly text: (row: Row) => string
  readonly right?: boolean
  /** On a terminal. */
  readonly paint?: (row: Row) => Paint
  /** Where the terminal is too narrow, columns go in this order, lowest first; without it never. */
  readonly dropped?: number
  /** May be cut to this width before any column goes, and to less when there is none left to go. */
  readonly shortest?: number
  /** Head and text in fewer characters, for a terminal on which not all of them have room. */
  readonly brief?: { readonly head: string; readonly text: (row: Row) => string }
}

/**
 * The rows in aligned columns, a head above them. Fits itself into a screen as wide
 * as `width`, as far as the columns allow; 0 is no limit.
 */
export function* tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  { dim, ellipsis }: Pick<Style, 'dim' | 'ellipsis'>,
): Generator<string> {
  const whole = cellsOf(columns, rows)
  const isNarrow = width > 0 && widthOf(whole.widths) > width
  const { heads, cells, widths } = isNarrow ? cellsOf(columns.map(briefly), rows) : whole
  if (isNarrow) fit(columns, widths, width)
  const line = (row: readonly string[], source?: Row) => {
    const parts: string[] = []
    for (let i = 0; i < columns.length; i++) {
      if (widths[i] === 0) continue
      const text = cutMiddle(row[i]!, widths[i]!, ellipsis)
      const cell = padded(text, widths[i]!, columns[i]!.right ? 'before' : 'behind')
      const paint = source === undefined ? undefined : columns[i]!.paint?.(source)
      parts.push(paint ? paint(cell) : cell)
    }
    return parts.join(GAP).trimEnd()
  }
  yield dim(line(heads))
  for (let i = 0; i < rows.length; i++) yield line(cells[i]!, rows[i]!)
}

/** The same as a table in Markdown; `harmless` makes a text so. */
export function* markdownTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  harmless: (text: string) => string,
): Generator<string> {
  const line = (cells: readonly string[]) => `| ${cells.map(harmless).join(' | ')} |`
  yield line(columns.map(({ head }) => head))
  yield `|${columns.map(({ right }) => (right ? ' ---: |' : ' --- |')).join('')}`
  for (const row of rows) yield line(columns.map((column) => column.text(row)))
}

// --- internal ---

const GAP = '  '

/** Less says nothing. */
const LEAST = 4

interface Cells {
  readonly heads: readonly string[]
  readonly cells: readonly (readonly string[])[]
  readonly widths: number[]
}

function cellsOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Cells {
  const cells = rows.map((row) => columns.map((column) => column.text(row)))
  const widths = columns.map((column, i) => {
    let widest = column.head.length
    for (const row of cells) widest = Math.max(widest, columnsOf(row[i]!))
    return widest
  })
  return { heads: columns.map(({ head }) => head), cells, widths }
}

function briefly<Row>(column: Column<Row>): Column<Row> {
  return { ...column, ...column.brief }
}

function widthOf(widths: readonly number[]): number {
  const shown = widths.filter((each) => each > 0)
  return shown.reduce((sum, each) => sum + each + GAP.length, -GAP.length)
}

/** Narrows `widths` in place; a width of 0 is a column that has gone. */
function fit<Row>(columns: readonly Column<Row>[], widths: number[], width: number): void {
  const wished = [...widths]
  const over = () => widthOf(widths) - width
  const cutTo = (least: (shortest: number) => number) => {
    for (let i = 0; i < columns.length; i++) {
      const shortest = columns[i]!.shortest
      // Down to the least, and up again to what columns that have gone since then leave.
      if (shortest !== undefined)
        widths[i] = Math.min(wished[i]!, Math.max(least(shortest), widths[i]! - over()))
    }
  }
  const droppable = [...columns.keys()].filter((i) => columns[i]!.dropped !== undefined)
  droppable.sort((a, b) => columns[a]!.dropped! - columns[b]!.dropped!)
  cutTo((shortest) => shortest)
  for (const i of droppable) if (over() > 0) widths[i] = 0
  cutTo(() => LEAST)
}
