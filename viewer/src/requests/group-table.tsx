import { useMemo } from 'preact/hooks'
import type { CostToOthers } from '../../../src/analysis/cost-to-others.js'
import { counted } from '../../../src/render/measure.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { isKnown, useCosts } from '../data/costs.js'
import { type ChangeSettings, goTo } from '../use-place.js'
import { groupColumns } from './columns.js'
import { durationScale, Grid } from './grid.js'
import { GroupRow, groupSelection } from './group-row.js'
import { durationOf, groupEntries, sortGroups } from './list.js'

interface GroupTableProps {
  readonly entries: readonly IndexEntry[]
  readonly by: 'route' | 'worker'
  readonly sort: string
  readonly change: ChangeSettings
  readonly costs?: readonly CostToOthers[] | null
}

/** One row a route or worker. Enter opens all of its requests, merged. */
export function GroupTable({ entries, by, sort, change, costs = null }: GroupTableProps) {
  const groups = useMemo(
    () => sortGroups(groupEntries(entries, by, costs), sort),
    [entries, by, sort, costs],
  )
  const longest = groups.reduce((most, group) => Math.max(most, meanOf(group.entries)), 0)
  const scale = durationScale(groups.reduce((most, { worst }) => Math.max(most, worst), 0))
  return (
    <Grid
      label={by === 'route' ? 'Routes' : 'Workers'}
      rowClass={`group-row by-${by}`}
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

interface RouteTableProps {
  /** All there are: whom a route held up does not depend on what is shown. */
  readonly all: readonly IndexEntry[]
  readonly entries: readonly IndexEntry[]
  readonly sort: string
  readonly change: ChangeSettings
}

/** The routes, with what they cost each other as soon as it is worked out. */
export function RouteTable({ all, entries, sort, change }: RouteTableProps) {
  const { state, work } = useCosts(all)
  const costs = isKnown(state) ? state.costs : null
  const recordings = all.filter(({ meta }) => meta !== null).length
  const isOld = isKnown(state) && state.count !== recordings
  return (
    <>
      {(state === 'large' || isOld) && (
        <p class="notice" role="status">
          {isOld
            ? `Held up others: by the ${counted(state.count, 'profile')} there were. `
            : `Whom each route held up is in ${counted(recordings, 'profile')}. `}
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
