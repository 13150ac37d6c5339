/** A column of a table for the terminal. */
export interface Column<Row> {
  readonly head: string
  readonly text: (row: Row) => string
  readonly right?: boolean
  /** Where the terminal is too narrow, columns go in this order, lowest first; without it never. */
  readonly dropped?: number
  /** May be cut to this width before any column goes. */
  readonly shortest?: number
}

/**
 * The rows in aligned columns, a head above them. Fits itself into `width` characters as far as the columns allow;
 * 0 is no limit.
 */
export function* tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paintHead: (text: string) => string,
): Generator<string> {
  const cells = rows.map((row) => columns.map((column) => column.text(row)))
  const widths = columns.map((column, i) => {
    let widest = column.head.length
    for (const row of cells) widest = Math.max(widest, row[i]!.length)
    return widest
  })
  if (width > 0) fit(columns, widths, width)
  const line = (row: readonly string[]) => {
    const parts: string[] = []
    for (let i = 0; i < columns.length; i++) {
      if (widths[i] === 0) continue
      const text = cut(row[i]!, widths[i]!)
      parts.push(columns[i]!.right ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))
    }
    return parts.join(GAP).trimEnd()
  }
  yield paintHead(line(columns.map(({ head }) => head)))
  for (const row of cells) yield line(row)
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
