import type { ComponentChild } from 'preact'
import { printable } from '../../../src/printable.js'
import { ACCOUNT_TABLE, ACCOUNTS } from '../../../src/profile/accounts.js'
import { type Bounds, boundsText, exactly, mostOf } from '../../../src/render/bounds.js'
import { amount } from '../../../src/render/measure.js'
import { queuedOf } from '../../../src/render/queued.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { workerOfEntry } from '../../../src/viewer-api/wire.js'
import { type TargetOf, writeLocation } from '../page-location.js'
import { AccountBar } from '../parts/account-bar.js'
import { Swatch } from '../parts/account-colours.js'
import type { TableColumn } from '../parts/columns.js'
import { nameOf } from '../parts/entry-name.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { RouteName, Status } from '../parts/route-name.js'
import { durationOf } from './list.js'
import type { Picks } from './picks.js'
import { timeColumn } from './time-column.js'

/** What the columns of the requests depend on. */
export interface RequestFacts {
  /** How durations are written. */
  readonly scale: Scale
  /** The longest of all: the full width of a bar. */
  readonly slowest: number
  /** Has any of them waited before its process saw it? */
  readonly isQueued: boolean
  readonly writeTime: (time: Date) => string
  readonly picks: Picks
  /** `toHere`: and all between it and the one before. */
  readonly onPick: (index: number, toHere: boolean) => void
  /** In the head of the column of check boxes. */
  readonly pickAll: ComponentChild
}

/**
 * One dump of the list. The link covers the row, so it opens like any link: also in a new tab.
 */
export function requestColumns(facts: RequestFacts): TableColumn<IndexEntry>[] {
  const { scale, slowest, isQueued, writeTime, picks, onPick, pickAll } = facts
  return [
    {
      class: 'cell-pick',
      head: (
        <>
          <span class="unseen">Pick</span>
          {pickAll}
        </>
      ),
      width: '16px',
      cell: (entry, index) => (
        <input
          type="checkbox"
          tabIndex={-1}
          checked={picks.ids.has(entry.id)}
          aria-label={`pick ${printable(nameOf(entry))}`}
          onClick={(event) => onPick(index, event.shiftKey)}
        />
      ),
    },
    timeColumn(writeTime),
    {
      class: 'cell-name',
      head: 'Request',
      width: 'minmax(140px, 1.4fr)',
      sort: 'name',
      fromA: true,
      sortsBy: nameOf,
      cell: (entry) => (
        <a href={writeLocation(treeOf(entry))} tabIndex={-1} draggable={false}>
          <RouteName entry={entry} />
        </a>
      ),
    },
    {
      class: 'cell-status',
      head: 'Status',
      width: '80px',
      sort: 'status',
      sortsBy: ({ meta }) => meta?.request?.status ?? 0,
      cell: (entry) => <Status entry={entry} />,
    },
    {
      class: 'cell-duration',
      head: `Duration ${scale.label}`,
      hint: `from its start to the end of the response, in ${scale.label}`,
      width: '84px',
      number: true,
      sort: 'duration',
      sortsBy: durationOf,
      cell: ({ weight, unit }) => {
        if (weight === null) return '–'
        return unit === 'microseconds' ? scale.write(weight) : amount(weight, unit!)
      },
    },
    ...(isQueued ? [queuedColumn(scale)] : []),
    {
      class: 'cell-bar',
      head: <Legend />,
      width: 'minmax(120px, 2fr)',
      cell: (entry) => <DurationBar entry={entry} whole={slowest} />,
    },
    {
      class: 'cell-cpu',
      head: 'CPU',
      hint: `its own CPU time in ${scale.label}`,
      width: '64px',
      number: true,
      sort: 'cpu',
      sortsBy: ({ meta }) => meta?.ledger.cpu ?? 0,
      cell: ({ meta }) => (meta ? scale.write(meta.ledger.cpu) : ''),
    },
    {
      class: 'cell-worker',
      head: 'Worker',
      width: '72px',
      sort: 'worker',
      fromA: true,
      sortsBy: workerOfEntry,
      cell: workerOfEntry,
    },
  ]
}

/** The call tree of one dump. */
export function treeOf({ id }: IndexEntry): TargetOf<'tree'> {
  return { view: 'tree', selection: { by: 'ids', ids: [id] } }
}

export function queuedOfEntry({ meta }: IndexEntry): Bounds | null {
  return meta && queuedOf(meta)
}

/** What the colours of the bars mean. */
export function Legend() {
  return (
    <span class="legend">
      {ACCOUNTS.map((account) => (
        <span key={account} title={ACCOUNT_TABLE[account].meaning}>
          <Swatch account={account} /> {account}
        </span>
      ))}
    </span>
  )
}

// --- internal ---

function queuedColumn(scale: Scale): TableColumn<IndexEntry> {
  return {
    class: 'cell-queued',
    head: 'Queued',
    hint: `how long it may have waited before its process saw it, in ${scale.label}; no part of the duration`,
    width: '96px',
    number: true,
    sort: 'queued',
    sortsBy: (entry) => mostOf(queuedOfEntry(entry) ?? exactly(0)),
    cell: (entry) => {
      const bounds = queuedOfEntry(entry)
      return bounds && boundsText(bounds, scale.write)
    },
  }
}

/** A profile of others says how long it is, and no more. */
function DurationBar({ entry, whole }: { readonly entry: IndexEntry; readonly whole: number }) {
  const { meta, unit, weight } = entry
  if (meta) return <AccountBar weightOf={(account) => meta.ledger[account]} whole={whole} />
  if (unit !== 'microseconds' || weight === null) return null
  return (
    <span class="account-bar" aria-hidden="true">
      <i class="fill-plain" style={{ width: `${shareOf(weight, whole) * 100}%` }} />
    </span>
  )
}
