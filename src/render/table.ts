import type { Paint } from './style.js'

/** A column of a table. */
export interface Column<Row> {
  readonly head: string
  readonly text: (row: Row) => string
  readonly right?: boolean
  /** On a terminal. */
  readonly paint?: (row: Row) => Paint
  /** Where the terminal is too narrow, columns go in this order, lowest first; without it never. */
  readonly dropped?: number
  /** May be cut to this width before any column goes. */
  readonly shortest?: number
}

/**
 * The rows in aligned columns, a head above them. Fits itself into `width` characters as far as the
 * columns allow; 0 is no limit.
 */
export function* tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paintHead: Paint,
): Generator<string> {
  const cells = rows.map((row) => columns.map((column) => column.text(row)))
  const widths = columns.map((column, i) => {
    let widest = column.head.length
    for (const row of cells) widest = Math.max(widest, row[i]!.length)
    return widest
  })
  if (width > 0) fit(columns, widths, width)
  const line = (row: readonly string[], source?: Row) => {
    const parts: string[] = []
    for (let i = 0; i < columns.length; i++) {
      if (widths[i] === 0) continue
      const text = cut(row[i]!, widths[i]!)
      const padded = columns[i]!.right ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)
      const paint = source === undefined ? undefined : columns[i]!.paint?.(source)
      parts.push(paint ? paint(padded) : padded)
    }
    return parts.join(GAP).trimEnd()
  }
  yield paintHead(line(columns.map(({ head }) => head)))
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

/** Narrows `widths` in place; a width of 0 is a column that has gone. */
function fit<Row>(columns: readonly Column<Row>[], widths: number[], width: number): void {
  const over = () => {
    const shown = widths.filter((each) => each > 0)
    return shown.reduce((sum, each) => sum + each + GAP.length, -GAP.length) - width
  }
  for (let i = 0; i < columns.length; i++) {
    const shortest = columns[i]!.shortest
    if (shortest !== undefined && over() > 0)
      widths[i] = Math.min(widths[i]!, Math.max(shortest, widths[i]! - over()))
  }
  const droppable = [...columns.keys()].filter((i) => columns[i]!.dropped !== undefined)
  droppable.sort((a, b) => columns[a]!.dropped! - columns[b]!.dropped!)
  for (const i of droppable) if (over() > 0) widths[i] = 0
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text
}
