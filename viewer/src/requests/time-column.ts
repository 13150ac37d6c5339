import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import type { TableColumn } from '../parts/columns.js'
import { timeOf } from '../parts/entry-name.js'

/** When what a row is of began. */
export function timeColumn(writeTime: (time: Date) => string): TableColumn<IndexEntry> {
  return {
    class: 'cell-time',
    head: 'Time',
    width: '108px',
    sort: 'time',
    sortsBy: timeOf,
    cell: (entry) => writeTime(new Date(timeOf(entry))),
    facts: (entry) => ({ title: new Date(timeOf(entry)).toString() }),
  }
}

/** Rows that are equal otherwise. */
export function newestFirst(a: IndexEntry, b: IndexEntry): number {
  return timeOf(b) - timeOf(a)
}
