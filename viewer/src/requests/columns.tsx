import type { ComponentChild } from 'preact'
import { ACCOUNT_TABLE, ACCOUNTS } from '../../../src/profile/accounts.js'
import { Swatch } from '../parts/account-colours.js'
import { nextSort } from './list.js'

export interface Column {
  readonly class: string
  readonly text: string
  readonly hint?: string
  /** What it sorts by; with a leading `-` largest first. */
  readonly sort?: string
}

/** The columns of requests; durations are in `unit`. */
export function requestColumns(unit: string): readonly Column[] {
  return [
    { class: 'cell-pick', text: 'Pick' },
    { class: 'cell-time', text: 'Time', sort: 'time' },
    { class: 'cell-name', text: 'Request', sort: 'name' },
    { class: 'cell-status', text: 'Status', sort: 'status' },
    {
      class: 'cell-duration',
      text: `Duration ${unit}`,
      hint: `from its start to the end of the response, in ${unit}`,
      sort: 'duration',
    },
    { class: 'cell-bar', text: 'Accounts' },
    { class: 'cell-cpu', text: 'CPU', hint: `its own CPU time in ${unit}`, sort: 'cpu' },
    { class: 'cell-worker', text: 'Worker', sort: 'worker' },
  ]
}

/** The columns of groups; the first is headed by what they are grouped by. */
export function groupColumns(by: 'route' | 'worker', unit: string): readonly Column[] {
  return [
    { class: 'cell-name', text: by === 'route' ? 'Route' : 'Worker', sort: 'name' },
    { class: 'cell-count', text: 'Count', sort: 'count' },
    {
      class: 'cell-duration',
      text: `Median ${unit}`,
      hint: `median duration in ${unit}`,
      sort: 'duration',
    },
    {
      class: 'cell-p95',
      text: 'p95',
      hint: `duration in ${unit} that 95 % of them stay within`,
      sort: 'p95',
    },
    { class: 'cell-worst', text: 'Worst', hint: `longest duration in ${unit}`, sort: 'worst' },
    { class: 'cell-bar', text: 'Mean of the accounts' },
    { class: 'cell-cpu', text: 'CPU', hint: `mean own CPU time in ${unit}`, sort: 'cpu' },
    ...(by === 'route' ? [causedColumn(unit), { class: 'cell-halves', text: 'Compare' }] : []),
  ]
}

interface ColumnHeadsProps {
  readonly columns: readonly Column[]
  /** In the head of the column of check boxes. */
  readonly pickAll?: ComponentChild
  readonly class: string
  readonly sort: string
  readonly onSort: (sort: string) => void
}

/** The head of a table; a click on a column sorts by it. */
export function ColumnHeads(props: ColumnHeadsProps) {
  const { columns, pickAll, class: rowClass, sort, onSort } = props
  return (
    <tr class={`row heads ${rowClass}`} aria-rowindex={1}>
      {columns.map((column) => (
        <Head key={column.class} column={column} pickAll={pickAll} sort={sort} onSort={onSort} />
      ))}
    </tr>
  )
}

// --- internal ---

function causedColumn(unit: string): Column {
  return {
    class: 'cell-caused',
    text: 'Held up others',
    hint: `waiting in ${unit} that it caused in other requests, as far as they were profiled`,
    sort: 'caused',
  }
}

interface HeadProps {
  readonly column: Column
  readonly pickAll: ComponentChild
  readonly sort: string
  readonly onSort: (sort: string) => void
}

function Head({ column, pickAll, sort, onSort }: HeadProps) {
  const { class: cell, text, hint, sort: key } = column
  if (!key) {
    return (
      <th scope="col" class={cell}>
        {cell === 'cell-bar' ? <Legend /> : <span class="unseen">{text}</span>}
        {cell === 'cell-pick' && pickAll}
      </th>
    )
  }
  const order = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none'
  return (
    <th scope="col" class={cell} aria-sort={order}>
      <button type="button" title={hint} onClick={() => onSort(nextSort(sort, key))}>
        {text}
      </button>
    </th>
  )
}

function Legend() {
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
