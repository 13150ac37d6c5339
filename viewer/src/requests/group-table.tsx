import { useMemo } from 'preact/hooks'
import type { CostToOthers } from '../../../src/analysis/cost-to-others.js'
import { counted } from '../../../src/render/measure.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { isKnown, requestsIn, useCosts } from '../data/costs.js'
import { compareValues, sortOf, sortRows } from '../parts/columns.js'
import { type ChangeSettings, goTo } from '../use-page-location.js'
import { groupColumns, groupSelection } from './group-columns.js'
import { durationOf, type Group, groupEntries } from './list.js'
import { durationScale, ListTable } from './list-table.js'

interface GroupTableProps {
  readonly entries: readonly IndexEntry[]
  readonly by: 'route' | 'worker'
  readonly sort: string
  readonly change: ChangeSettings<'requests'>
  readonly costs?: readonly CostToOthers[] | null
}

/** One row a route or worker. Enter opens all of its requests, merged. */
export function GroupTable({ entries, by, sort, change, costs = null }: GroupTableProps) {
  const groups = useMemo(() => groupEntries(entries, by, costs), [entries, by, costs])
  const columns = groupColumns({
    by,
    longest: groups.reduce((most, group) => Math.max(most, meanOf(group.entries)), 0),
    scale: durationScale(groups.reduce((most, { worst }) => Math.max(most, worst), 0)),
  })
  const key = sortOf(columns, sort, '-duration')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says which column counts
  const sorted = useMemo(() => sortRows(groups, columns, key, byName), [groups, key])
  return (
    <ListTable
      label={by === 'route' ? 'Routes' : 'Workers'}
      rowClass="group-row"
      columns={columns}
      rows={sorted}
      keyOf={(group) => `${group.kind} ${group.key}`}
      sort={key}
      onSort={(next) => change({ sort: next })}
      onOpen={(group) => goTo({ view: 'tree', selection: groupSelection(group, by) })}
    />
  )
}

interface RouteTableProps {
  /** All there are: whom a route held up does not depend on what is shown. */
  readonly all: readonly IndexEntry[]
  readonly entries: readonly IndexEntry[]
  readonly sort: string
  readonly change: ChangeSettings<'requests'>
}

/** The routes, with what they cost each other as soon as it is worked out. */
export function RouteTable({ all, entries, sort, change }: RouteTableProps) {
  const { state, work } = useCosts(all)
  const costs = isKnown(state) ? state.costs : null
  const requests = requestsIn(all).length
  const isOld = isKnown(state) && state.count !== requests
  return (
    <>
      {(state === 'large' || isOld) && (
        <p class="notice" role="status">
          {isOld
            ? `Held up others: by the ${counted(state.count, 'profile')} there were. `
            : `Whom each route held up is in ${counted(requests, 'profile')}. `}
          <button type="button" class="plain link" onClick={work}>
            Read {isOld ? 'again' : 'them all'}
          </button>
        </p>
      )}
      {state === 'working' && (
        <p class="notice" role="status">
          Working out whom each route held up…
        </p>
      )}
      {typeof state === 'object' && 'error' in state && (
        <p class="notice" role="status">
          Whom each route held up cannot be told: {state.error}
        </p>
      )}
      <GroupTable entries={entries} by="route" sort={sort} change={change} costs={costs} />
    </>
  )
}

// --- internal ---

function meanOf(entries: readonly IndexEntry[]): number {
  return entries.reduce((sum, entry) => sum + durationOf(entry), 0) / entries.length
}

function byName(a: Group, b: Group): number {
  return compareValues(a.key, b.key)
}
