import { printable } from '../../../src/printable.js'
import { boundsText, mostOf } from '../../../src/render/bounds.js'
import { manyOf } from '../../../src/render/kinds.js'
import type { Selection } from '../../../src/viewer-api/wire.js'
import { writeLocation } from '../page-location.js'
import { AccountBar } from '../parts/account-bar.js'
import type { TableColumn } from '../parts/columns.js'
import type { Scale } from '../parts/figures.js'
import type { Group } from './list.js'
import { Legend } from './request-columns.js'

/** What the columns of routes and workers depend on. */
export interface GroupFacts {
  readonly by: 'route' | 'worker'
  /** The longest mean of all groups: the full width of a bar. */
  readonly longest: number
  /** How durations are written. */
  readonly scale: Scale
}

/**
 * A route or a worker: how many requests, how long the middle and the worst, and the mean as a bar.
 */
export function groupColumns(facts: GroupFacts): TableColumn<Group>[] {
  const { by, longest, scale } = facts
  const unit = scale.label
  return [
    {
      class: 'cell-name',
      head: by === 'route' ? 'Route' : 'Worker',
      width: 'minmax(140px, 1.4fr)',
      sort: 'name',
      fromA: true,
      sortsBy: ({ key }) => key,
      cell: (group) => (
        <a
          href={writeLocation({ view: 'tree', selection: groupSelection(group, by) })}
          tabIndex={-1}
          draggable={false}
        >
          <GroupName group={group} by={by} />
        </a>
      ),
    },
    {
      class: 'cell-count',
      head: 'Count',
      width: '48px',
      number: true,
      sort: 'count',
      sortsBy: ({ entries }) => entries.length,
      cell: ({ entries }) => entries.length,
    },
    {
      class: 'cell-duration',
      head: `Median ${unit}`,
      hint: `median duration in ${unit}`,
      width: '76px',
      number: true,
      sort: 'duration',
      sortsBy: ({ median }) => median,
      cell: ({ median }) => scale.write(median),
    },
    {
      class: 'cell-p95',
      head: 'p95',
      hint: `duration in ${unit} that 95 % of them stay within`,
      width: '64px',
      number: true,
      sort: 'p95',
      sortsBy: ({ p95 }) => p95,
      cell: ({ p95 }) => scale.write(p95),
    },
    {
      class: 'cell-worst',
      head: 'Worst',
      hint: `longest duration in ${unit}`,
      width: '64px',
      number: true,
      sort: 'worst',
      sortsBy: ({ worst }) => worst,
      cell: ({ worst }) => scale.write(worst),
    },
    {
      class: 'cell-bar',
      head: <Legend />,
      width: 'minmax(120px, 2fr)',
      cell: ({ ledger, entries }) =>
        ledger && (
          <AccountBar weightOf={(account) => ledger[account] / entries.length} whole={longest} />
        ),
    },
    {
      class: 'cell-cpu',
      head: 'CPU',
      hint: `mean own CPU time in ${unit}`,
      width: '64px',
      number: true,
      sort: 'cpu',
      sortsBy: ({ ledger, entries }) => (ledger ? ledger.cpu / entries.length : 0),
      cell: ({ ledger, entries }) => (ledger ? scale.write(ledger.cpu / entries.length) : ''),
    },
    ...(by === 'route' ? routeColumns(scale) : []),
  ]
}

/** What opening a group shows: whatever has its route or worker by then, or its files. */
export function groupSelection(group: Group, by: 'route' | 'worker'): Selection {
  if (group.key === '') return { by: 'ids', ids: group.entries.map((entry) => entry.id) }
  return by === 'route' ? { by, route: group.key } : { by, worker: group.key }
}

// --- internal ---

function routeColumns(scale: Scale): TableColumn<Group>[] {
  return [
    {
      class: 'cell-caused',
      head: 'Held up others',
      hint: `waiting in ${scale.label} that it caused in other requests, as far as they were profiled`,
      width: '116px',
      number: true,
      sort: 'caused',
      sortsBy: ({ caused }) => (caused ? mostOf(caused) : -1),
      cell: ({ caused }) => {
        if (caused === null) return ''
        return mostOf(caused) === 0 ? '–' : boundsText(caused, scale.write)
      },
      facts: ({ caused }) => (caused && mostOf(caused) > 0 ? {} : { class: 'quiet' }),
    },
    {
      class: 'cell-halves',
      head: <span class="unseen">Compare</span>,
      width: '76px',
      cell: (group) => group.entries.length > 1 && <Halves group={group} />,
    },
  ]
}

function Halves({ group }: { readonly group: Group }) {
  if (group.key === '') return null
  const address = writeLocation({
    view: 'compare',
    selection: { by: 'route', route: group.key },
    settings: { with: 'halves' },
  })
  return (
    <a
      href={address}
      tabIndex={-1}
      draggable={false}
      title="What the slow half does that the fast half does not"
    >
      Slow / fast
    </a>
  )
}

function GroupName({ group, by }: { readonly group: Group; readonly by: 'route' | 'worker' }) {
  if (group.key === '') {
    return <span class="quiet">{group.kind === null ? 'not a request' : manyOf(group.kind)}</span>
  }
  if (by === 'worker') return <bdi>worker {printable(group.key)}</bdi>
  const [method, ...route] = group.key.split(' ')
  return (
    <>
      <span class="method">{printable(method!)}</span> <bdi>{printable(route.join(' '))}</bdi>
    </>
  )
}
