import { useMemo } from 'preact/hooks'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { sortOf, sortRows } from '../parts/columns.js'
import { timeWriter } from '../parts/times.js'
import { type ChangeSettings, goTo } from '../use-page-location.js'
import { durationOf } from './list.js'
import { durationScale, ListTable } from './list-table.js'
import { areAllPicked, type Picks, pickAll, pickRow } from './picks.js'
import { queuedOfEntry, requestColumns, treeOf } from './request-columns.js'
import { newestFirst } from './time-column.js'

interface RequestTableProps {
  readonly entries: readonly IndexEntry[]
  readonly sort: string
  readonly picks: Picks
  readonly onPick: (picks: Picks) => void
  readonly change: ChangeSettings<'requests'>
}

/** One row a request. Enter opens it, space picks it. */
export function RequestTable({ entries, sort, picks, onPick, change }: RequestTableProps) {
  const slowest = useMemo(
    () => entries.reduce((most, each) => Math.max(most, durationOf(each)), 0),
    [entries],
  )
  const isQueued = useMemo(() => entries.some((entry) => queuedOfEntry(entry) !== null), [entries])
  const writeTime = useMemo(() => timeWriter(entries), [entries])
  const ids = useMemo(() => entries.map(({ id }) => id), [entries])
  const pick = (row: number, toHere: boolean) => {
    const shown = sorted.map(({ id }) => id)
    onPick(pickRow(picks, shown, row, toHere))
  }
  const columns = requestColumns({
    scale: durationScale(slowest),
    slowest,
    isQueued,
    writeTime,
    picks,
    onPick: pick,
    pickAll: (
      <input
        type="checkbox"
        checked={areAllPicked(picks, ids)}
        aria-label="pick all that are shown"
        title="Pick all that are shown, or none (a)"
        onClick={() => onPick(pickAll(picks, ids))}
      />
    ),
  })
  const by = sortOf(columns, sort, '-time')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `by` says which column counts
  const sorted = useMemo(() => sortRows(entries, columns, by, newestFirst), [entries, by])
  return (
    <ListTable
      label="Requests"
      rowClass="request-row"
      columns={columns}
      rows={sorted}
      keyOf={({ id }) => id}
      isPicked={({ id }) => picks.ids.has(id)}
      sort={by}
      onSort={(next) => change({ sort: next })}
      onOpen={(entry) => goTo(treeOf(entry))}
      onPick={pick}
    />
  )
}
