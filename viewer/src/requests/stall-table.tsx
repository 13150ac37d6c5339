import { useMemo } from 'preact/hooks'
import { locatorForDumps } from '../../../src/render/paths.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { sortOf, sortRows } from '../parts/columns.js'
import { timeWriter } from '../parts/times.js'
import { type ChangeSettings, goTo } from '../use-page-location.js'
import { durationOf } from './list.js'
import { durationScale, ListTable } from './list-table.js'
import { treeOf } from './request-columns.js'
import { stallColumns } from './stall-columns.js'
import { newestFirst } from './time-column.js'

interface StallTableProps {
  readonly stalls: readonly IndexEntry[]
  readonly sort: string
  readonly change: ChangeSettings<'requests'>
}

export function isStall({ meta }: IndexEntry): boolean {
  return meta?.kind === 'stall'
}

/** One row a stall. Enter opens what the loop did meanwhile. */
export function StallTable({ stalls, sort, change }: StallTableProps) {
  const columns = useMemo(() => {
    const longest = stalls.reduce((most, each) => Math.max(most, durationOf(each)), 0)
    return stallColumns({
      scale: durationScale(longest),
      writeTime: timeWriter(stalls),
      locate: locatorForDumps(stalls.map(({ meta }) => meta!)),
    })
  }, [stalls])
  const by = sortOf(columns, sort, '-time')
  const sorted = useMemo(() => sortRows(stalls, columns, by, newestFirst), [stalls, columns, by])
  return (
    <ListTable
      label="Stalls"
      rowClass="stall-row"
      columns={columns}
      rows={sorted}
      keyOf={({ id }) => id}
      sort={by}
      onSort={(next) => change({ sort: next })}
      onOpen={(entry) => goTo(treeOf(entry))}
    />
  )
}

export function NoStalls() {
  return (
    <p class="empty">
      No stalls here. With <code>profiler({'{ stall: 200 }'})</code> or{' '}
      <code>PROFVIEW_STALL=200</code> every stretch in which the loop is busy for more than 200 ms
      becomes a row: whose code that was, and who waited.
    </p>
  )
}
