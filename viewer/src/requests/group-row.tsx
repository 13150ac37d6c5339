import { printable } from '../../../src/profile/printable.js'
import type { Selection } from '../../../src/viewer-api/wire.js'
import { AccountBar } from '../parts/account-bar.js'
import type { Scale } from '../parts/figures.js'
import { writePlace } from '../place.js'
import type { Group } from './list.js'

interface GroupRowProps {
  readonly group: Group
  readonly by: 'route' | 'worker'
  readonly index: number
  readonly active: boolean
  /** The longest mean of all groups: the full width of a bar. */
  readonly longest: number
  /** How durations are written. */
  readonly scale: Scale
}

/**
 * A route or a worker: how many requests, how long the middle and the worst, and the mean as a bar.
 */
export function GroupRow({ group, by, index, active, longest, scale }: GroupRowProps) {
  const { entries, ledger, caused } = group
  const place = writePlace({ view: 'tree', selection: groupSelection(group, by), settings: {} })
  return (
    <tr
      id={`row-${index}`}
      class={`row group-row by-${by}`}
      aria-rowindex={index + 2}
      data-active={active || undefined}
    >
      <td class="cell-name">
        <a href={place} tabIndex={-1} draggable={false}>
          <GroupName group={group} by={by} />
        </a>
      </td>
      <td class="cell-count">{entries.length}</td>
      <td class="cell-duration">{scale.write(group.median)}</td>
      <td class="cell-p95">{scale.write(group.p95)}</td>
      <td class="cell-worst">{scale.write(group.worst)}</td>
      <td class="cell-bar">
        {ledger && (
          <AccountBar weightOf={(account) => ledger[account] / entries.length} whole={longest} />
        )}
      </td>
      <td class="cell-cpu">{ledger ? scale.write(ledger.cpu / entries.length) : ''}</td>
      {by === 'route' && (
        <>
          <td class={caused ? 'cell-caused' : 'cell-caused quiet'}>
            {caused === null ? '' : caused === 0 ? '–' : scale.write(caused)}
          </td>
          <td class="cell-halves">{entries.length > 1 && <Halves group={group} />}</td>
        </>
      )}
    </tr>
  )
}

/** What opening a group shows: whatever has its route or worker by then, or its files. */
export function groupSelection(group: Group, by: 'route' | 'worker'): Selection {
  if (group.key === '') return { by: 'ids', ids: group.entries.map((entry) => entry.id) }
  return by === 'route' ? { by, route: group.key } : { by, worker: group.key }
}

// --- internal ---

function Halves({ group }: { readonly group: Group }) {
  if (group.key === '') return null
  const place = writePlace({
    view: 'compare',
    selection: { by: 'route', route: group.key },
    settings: { with: 'halves' },
  })
  return (
    <a
      href={place}
      tabIndex={-1}
      draggable={false}
      title="What the slow half does that the fast half does not"
    >
      Slow / fast
    </a>
  )
}

function GroupName({ group, by }: { readonly group: Group; readonly by: 'route' | 'worker' }) {
  if (group.key === '') return <span class="quiet">not a request</span>
  if (by === 'worker') return <bdi>worker {printable(group.key)}</bdi>
  const [method, ...route] = group.key.split(' ')
  return (
    <>
      <span class="method">{printable(method!)}</span> <bdi>{printable(route.join(' '))}</bdi>
    </>
  )
}
