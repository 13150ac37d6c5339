import type { ComponentChild } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { absoluteScale, type Scale } from '../parts/figures.js'
import { movedRow } from '../parts/grid-keys.js'
import { useNarrow } from '../parts/narrow.js'
import { VirtualRows } from '../parts/virtual-rows.js'
import type { ChangeSettings } from '../use-place.js'
import { type Column, ColumnHeads } from './columns.js'

interface GridProps {
  readonly label: string
  readonly rowClass: string
  readonly columns: readonly Column[]
  readonly count: number
  readonly sort: string
  readonly change: ChangeSettings
  readonly onOpen: (row: number) => void
  /** `toHere`: Shift was held. */
  readonly onPick?: (row: number, toHere: boolean) => void
  readonly pickAll?: ComponentChild
  readonly render: (row: number, active: boolean) => ComponentChild
}

/** A table with a head to sort by and keys to move, pick and open. Has the focus from the start. */
export function Grid(props: GridProps) {
  const { label, rowClass, columns, count, sort, change, onOpen, onPick, pickAll, render } = props
  const narrow = useNarrow()
  const table = useRef<HTMLTableElement>(null)
  const [wanted, setActive] = useState(-1)
  const active = Math.min(wanted, count - 1)
  useEffect(() => {
    if (document.activeElement === document.body) table.current!.focus({ preventScroll: true })
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    const isOurs = event.target === table.current
    const row = movedRow(event, active, count)
    if (row !== null) setActive(row)
    else if (event.key === 'Enter' && active >= 0 && isOurs) onOpen(active)
    else if (event.key === ' ' && active >= 0 && isOurs && onPick) onPick(active, event.shiftKey)
    else return
    event.preventDefault()
  }
  return (
    <table
      ref={table}
      class="table"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA's own pattern for a table with keys
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-activedescendant={active < 0 ? undefined : `row-${active}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <thead data-sticky class="sticky-heads">
        <ColumnHeads
          columns={columns}
          pickAll={pickAll}
          class={rowClass}
          sort={sort}
          onSort={(next) => change({ sort: next })}
        />
      </thead>
      <VirtualRows
        count={count}
        rowHeight={narrow ? NARROW_ROW : ROW}
        active={active}
        render={(from, to) => range(from, to).map((row) => render(row, row === active))}
      />
    </table>
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

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}
