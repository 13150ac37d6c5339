import type { ComponentChild } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { IndexEntry } from '../../../src/server/wire.js'
import { absoluteScale, type Scale } from '../parts/figures.js'
import { movedRow } from '../parts/grid-keys.js'
import { useNarrow } from '../parts/narrow.js'
import { VirtualRows } from '../parts/virtual-rows.js'
import { type ChangeSettings, goTo } from '../use-place.js'
import { type Column, ColumnHeads, groupColumns, requestColumns } from './columns.js'
import { GroupRow, groupSelection } from './group-row.js'
import { groupEntries, sortEntries, sortGroups } from './list.js'
import { RequestRow } from './request-row.js'
import { timeWriter } from './times.js'

interface RequestTableProps {
  readonly entries: readonly IndexEntry[]
  readonly sort: string
  readonly picked: ReadonlySet<string>
  readonly onPick: (id: string) => void
  readonly change: ChangeSettings
}

/** One row a request. Enter opens it, space picks it. */
export function RequestTable({ entries, sort, picked, onPick, change }: RequestTableProps) {
  const sorted = useMemo(() => sortEntries(entries, sort), [entries, sort])
  const slowest = useMemo(
    () => sorted.reduce((most, each) => Math.max(most, timed(each)), 0),
    [sorted],
  )
  const scale = durationScale(slowest)
  const writeTime = useMemo(() => timeWriter(entries), [entries])
  return (
    <Table
      label="Requests"
      rowClass="request-row"
      columns={requestColumns(scale.label)}
      count={sorted.length}
      sort={sort}
      change={change}
      onOpen={(row) => {
        goTo({ view: 'tree', selection: { by: 'ids', ids: [sorted[row]!.id] }, settings: {} })
      }}
      onPick={(row) => onPick(sorted[row]!.id)}
      render={(row, active) => {
        const entry = sorted[row]!
        return (
          <RequestRow
            key={entry.id}
            entry={entry}
            index={row}
            active={active}
            picked={picked.has(entry.id)}
            slowest={slowest}
            scale={scale}
            writeTime={writeTime}
            onPick={onPick}
          />
        )
      }}
    />
  )
}

interface GroupTableProps {
  readonly entries: readonly IndexEntry[]
  readonly by: 'route' | 'worker'
  readonly sort: string
  readonly change: ChangeSettings
}

/** One row a route or worker. Enter opens all of its requests, merged. */
export function GroupTable({ entries, by, sort, change }: GroupTableProps) {
  const groups = useMemo(() => sortGroups(groupEntries(entries, by), sort), [entries, by, sort])
  const longest = groups.reduce((most, group) => Math.max(most, meanOf(group.entries)), 0)
  const scale = durationScale(groups.reduce((most, { worst }) => Math.max(most, worst), 0))
  return (
    <Table
      label={by === 'route' ? 'Routes' : 'Workers'}
      rowClass="group-row"
      columns={groupColumns(by, scale.label)}
      count={groups.length}
      sort={sort}
      change={change}
      onOpen={(row) => {
        goTo({ view: 'tree', selection: groupSelection(groups[row]!, by), settings: {} })
      }}
      render={(row, active) => {
        const group = groups[row]!
        return (
          <GroupRow
            key={group.key}
            group={group}
            by={by}
            index={row}
            active={active}
            longest={longest}
            scale={scale}
          />
        )
      }}
    />
  )
}

// --- internal ---

interface TableProps {
  readonly label: string
  readonly rowClass: string
  readonly columns: readonly Column[]
  readonly count: number
  readonly sort: string
  readonly change: ChangeSettings
  readonly onOpen: (row: number) => void
  readonly onPick?: (row: number) => void
  readonly render: (row: number, active: boolean) => ComponentChild
}

function Table(props: TableProps) {
  const { label, rowClass, columns, count, sort, change, onOpen, onPick, render } = props
  const narrow = useNarrow()
  const [wanted, setActive] = useState(-1)
  const active = Math.min(wanted, count - 1)
  const onKeyDown = (event: KeyboardEvent) => {
    const row = movedRow(event, active, count)
    if (row !== null) setActive(row)
    else if (event.key === 'Enter' && active >= 0) onOpen(active)
    else if (event.key === ' ' && active >= 0 && onPick) onPick(active)
    else return
    event.preventDefault()
  }
  return (
    <table
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

const ROW = 32
const NARROW_ROW = 56

/** Short requests do not get more digits here: the eye compares rows of different lists. */
function durationScale(longest: number): Scale {
  return absoluteScale('microseconds', Math.max(longest, TEN_MS))
}

const TEN_MS = 10_000

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

function timed(entry: IndexEntry): number {
  return entry.unit === 'microseconds' ? (entry.weight ?? 0) : 0
}

function meanOf(entries: readonly IndexEntry[]): number {
  return entries.reduce((sum, entry) => sum + timed(entry), 0) / entries.length
}
