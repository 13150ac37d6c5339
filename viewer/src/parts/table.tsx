import type { ComponentChild } from 'preact'
import { nextSort, type TableColumn } from './columns.js'

interface PlainTableProps<Row> {
  readonly class?: string
  readonly label?: string
  readonly columns: readonly TableColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => number
  readonly rowClass?: (row: Row) => string
}

/** A table to read: all of its rows, without keys of its own. */
export function PlainTable<Row>(props: PlainTableProps<Row>) {
  const { class: name, label, columns, rows, keyOf, rowClass } = props
  return (
    <table class={name} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.class} column={column} sort="" />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={keyOf(row)} class={rowClass?.(row)}>
            <Cells columns={columns} row={row} index={index} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface HeadProps<Row> {
  readonly column: TableColumn<Row>
  readonly sort: string
  readonly onSort?: (sort: string) => void
}

/** The head of a column; a click sorts by it where it can be sorted by. */
export function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const { head, hint, sort: key } = column
  if (!key || !onSort) {
    return (
      <th scope="col" class={classOf(column)} title={hint}>
        {head}
      </th>
    )
  }
  const order = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none'
  return (
    <th scope="col" class={classOf(column)} aria-sort={order}>
      <button type="button" title={hint} onClick={() => onSort(nextSort(sort, column))}>
        {head}
      </button>
    </th>
  )
}

interface CellsProps<Row> {
  readonly columns: readonly TableColumn<Row>[]
  readonly row: Row
  readonly index: number
}

export function Cells<Row>({ columns, row, index }: CellsProps<Row>): ComponentChild {
  return columns.map((column) => {
    const { class: more, title, style } = column.facts?.(row) ?? {}
    return (
      <td key={column.class} class={classOf(column, more)} title={title} style={style}>
        {column.cell(row, index)}
      </td>
    )
  })
}

// --- internal ---

function classOf<Row>({ class: name, number }: TableColumn<Row>, more = ''): string {
  return [name, number && 'number', more].filter(Boolean).join(' ')
}
