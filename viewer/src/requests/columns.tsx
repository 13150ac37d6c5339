import { nextSort, type SortKey } from './list.js'

export interface Column {
  readonly class: string
  readonly text: string
  readonly hint?: string
  readonly sort?: SortKey
}

export const REQUEST_COLUMNS: readonly Column[] = [
  { class: 'cell-pick', text: '' },
  { class: 'cell-time', text: 'Time', sort: 'time' },
  { class: 'cell-name', text: 'Request', sort: 'name' },
  { class: 'cell-status', text: 'Status', sort: 'status' },
  {
    class: 'cell-duration',
    text: 'ms',
    hint: 'wall-clock duration in milliseconds',
    sort: 'duration',
  },
  { class: 'cell-bar', text: 'Duration' },
  { class: 'cell-cpu', text: 'CPU', hint: 'own CPU time in milliseconds', sort: 'cpu' },
  { class: 'cell-worker', text: 'Worker', sort: 'worker' },
]

/** The columns of groups; the first is headed by what they are grouped by. */
export function groupColumns(by: 'route' | 'worker'): readonly Column[] {
  return [
    { class: 'cell-name', text: by === 'route' ? 'Route' : 'Worker', sort: 'name' },
    { class: 'cell-count', text: 'Count', sort: 'count' },
    { class: 'cell-duration', text: 'Median', hint: 'median duration in ms', sort: 'duration' },
    { class: 'cell-worst', text: 'Worst', hint: 'longest duration in ms', sort: 'time' },
    { class: 'cell-bar', text: 'Mean' },
    { class: 'cell-cpu', text: 'CPU', hint: 'mean own CPU time in ms', sort: 'cpu' },
  ]
}

interface ColumnHeadsProps {
  readonly columns: readonly Column[]
  readonly class: string
  readonly sort: string
  readonly onSort: (sort: string) => void
}

/** The head of a table; a click on a column sorts by it. */
export function ColumnHeads({ columns, class: rowClass, sort, onSort }: ColumnHeadsProps) {
  return (
    <div role="row" class={`row heads ${rowClass}`} aria-rowindex={1}>
      {columns.map((column) => {
        const key = column.sort
        if (!key) {
          return (
            <span key={column.class} role="columnheader" class={column.class}>
              {column.text}
            </span>
          )
        }
        const order = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none'
        return (
          <span key={column.class} role="columnheader" class={column.class} aria-sort={order}>
            <button type="button" title={column.hint} onClick={() => onSort(nextSort(sort, key))}>
              {column.text}
            </button>
          </span>
        )
      })}
    </div>
  )
}
