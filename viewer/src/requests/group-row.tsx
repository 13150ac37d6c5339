import { printable } from '../../../src/profile/printable.js'
import type { Selection } from '../../../src/server/wire.js'
import { AccountBar } from '../parts/account-bar.js'
import { absoluteScale } from '../parts/figures.js'
import { writePlace } from '../place.js'
import type { Group } from './list.js'

interface GroupRowProps {
  readonly group: Group
  readonly by: 'route' | 'worker'
  readonly index: number
  readonly active: boolean
  /** The longest mean of all groups: the full width of a bar. */
  readonly longest: number
}

/** A route or a worker: how many requests, how long the middle and the worst, and the mean as a bar. */
export function GroupRow({ group, by, index, active, longest }: GroupRowProps) {
  const { entries, ledger } = group
  const place = writePlace({ view: 'tree', selection: groupSelection(group, by), settings: {} })
  return (
    <div
      id={`row-${index}`}
      role="row"
      class="row group-row"
      aria-rowindex={index + 2}
      data-active={active || undefined}
    >
      <span role="gridcell" class="cell-name">
        <a href={place} tabIndex={-1} draggable={false}>
          <GroupName group={group} by={by} />
        </a>
      </span>
      <span role="gridcell" class="cell-count">
        {entries.length}
      </span>
      <span role="gridcell" class="cell-duration">
        {MS.write(group.median)}
      </span>
      <span role="gridcell" class="cell-worst">
        {MS.write(group.worst)}
      </span>
      <span role="gridcell" class="cell-bar">
        {ledger && (
          <AccountBar weightOf={(account) => ledger[account] / entries.length} whole={longest} />
        )}
      </span>
      <span role="gridcell" class="cell-cpu">
        {ledger ? MS.write(ledger.cpu / entries.length) : ''}
      </span>
    </div>
  )
}

/** What opening a group shows: whatever has its route or worker by then, or its files. */
export function groupSelection(group: Group, by: 'route' | 'worker'): Selection {
  if (group.key === '') return { by: 'ids', ids: group.entries.map((entry) => entry.id) }
  return by === 'route' ? { by, route: group.key } : { by, worker: group.key }
}

// --- internal ---

const MS = absoluteScale('microseconds')

function GroupName({ group, by }: { readonly group: Group; readonly by: 'route' | 'worker' }) {
  if (group.key === '') return <span class="quiet">not a request</span>
  if (by === 'worker') return <bdi>{/^\d/.test(group.key) ? `worker ${group.key}` : group.key}</bdi>
  const [method, ...route] = group.key.split(' ')
  return (
    <>
      <span class="method">{printable(method!)}</span> <bdi>{printable(route.join(' '))}</bdi>
    </>
  )
}
