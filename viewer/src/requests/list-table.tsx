import { useEffect, useRef, useState } from 'preact/hooks'
import type { TableColumn } from '../parts/columns.js'
import { absoluteScale, type Scale } from '../parts/figures.js'
import { Grid } from '../parts/grid.js'
import { movedRow } from '../parts/grid-keys.js'
import { useNarrow } from '../parts/narrow.js'

interface ListTableProps<Row> {
  readonly label: string
  readonly rowClass: string
  readonly columns: readonly TableColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly isPicked?: (row: Row) => boolean
  readonly sort: string
  readonly onSort: (sort: string) => void
  readonly onOpen: (row: Row) => void
  /** `toHere`: Shift was held. */
  readonly onPick?: (index: number, toHere: boolean) => void
}

/** A table with keys to move, pick and open. Has the focus from the start. */
export function ListTable<Row>(props: ListTableProps<Row>) {
  const { label, rowClass, columns, rows, keyOf, isPicked, sort, onSort, onOpen, onPick } = props
  const narrow = useNarrow()
  const table = useRef<HTMLTableElement>(null)
  const [wanted, setActive] = useState(-1)
  const active = Math.min(wanted, rows.length - 1)
  useEffect(() => {
    if (document.activeElement === document.body) table.current!.focus({ preventScroll: true })
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    const isOurs = event.target === table.current && active >= 0
    const row = movedRow(event, active, rows.length)
    if (row !== null) setActive(row)
    else if (event.key === 'Enter' && isOurs) onOpen(rows[active]!)
    else if (event.key === ' ' && isOurs && onPick) onPick(active, event.shiftKey)
    else return
    event.preventDefault()
  }
  return (
    <Grid
      table={table}
      label={label}
      rowClass={rowClass}
      rowHeight={narrow ? NARROW_ROW : ROW}
      columns={columns}
      rows={rows}
      keyOf={keyOf}
      factsOf={(row) => (isPicked ? { selected: isPicked(row) } : {})}
      active={active}
      sort={sort}
      onSort={onSort}
      onKeyDown={onKeyDown}
    />
  )
}

/** Short requests do not get more digits here: the eye compares rows of different lists. */
export function durationScale(longest: number): Scale {
  return absoluteScale('microseconds', Math.max(longest, TEN_MS))
}

// --- internal ---

const ROW = 32
const NARROW_ROW = 56
const TEN_MS = 10_000
