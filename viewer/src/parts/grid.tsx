import type { RefObject } from 'preact'
import type { TableColumn } from './columns.js'
import { Cells, Head } from './table.js'
import { VirtualRows } from './virtual-rows.js'

interface GridProps<Row> {
  readonly label: string
  readonly columns: readonly TableColumn<Row>[]
  readonly rows: readonly Row[]
  readonly rowHeight: number
  /** Of every row, the head included. */
  readonly rowClass: string
  readonly keyOf: (row: Row) => string | number
  readonly factsOf?: (row: Row) => RowFacts
  /** The row that the keyboard is on; -1: none yet. */
  readonly active: number
  readonly sort: string
  readonly onSort: (sort: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  /** A click on a row, unless it marked some text. */
  readonly onClick?: (row: number) => void
  readonly table: RefObject<HTMLTableElement | null>
}

/** What a row has besides its cells. */
export interface RowFacts {
  readonly class?: string
  readonly selected?: boolean
}

/**
 * A table with a head to sort by and one row that the keyboard is on, of which only what is in view
 * is in the document.
 */
export function Grid<Row>(props: GridProps<Row>) {
  const { label, columns, rows, rowHeight, rowClass, active, sort, onSort, onKeyDown } = props
  const onClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-row]')
    if (row && String(getSelection()) === '') props.onClick?.(Number(row.dataset.row))
  }
  return (
    <table
      ref={props.table}
      class="table"
      style={{ '--columns': columns.map(({ width }) => width).join(' ') }}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA's own pattern for a table with keys
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={active < 0 ? undefined : `row-${active}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <thead data-sticky class="sticky-heads">
        <tr class={`row heads ${rowClass}`} aria-rowindex={1}>
          {columns.map((column) => (
            <Head key={column.class} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <VirtualRows
        count={rows.length}
        rowHeight={rowHeight}
        active={active}
        render={(from, to) => rows.slice(from, to + 1).map((row, i) => rowOf(props, row, from + i))}
      />
    </table>
  )
}

// --- internal ---

function rowOf<Row>(props: GridProps<Row>, row: Row, index: number) {
  const { columns, rowClass, keyOf, factsOf, active } = props
  const { class: more, selected } = factsOf?.(row) ?? {}
  return (
    <tr
      key={keyOf(row)}
      id={`row-${index}`}
      class={`row ${rowClass}${more ? ` ${more}` : ''}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={index === active || undefined}
      data-row={index}
    >
      <Cells columns={columns} row={row} index={index} />
    </tr>
  )
}
