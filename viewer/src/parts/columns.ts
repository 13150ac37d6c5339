import type { ComponentChild } from 'preact'

/** A column of a table of the page: what `src/render/table.ts` has for text. */
export interface TableColumn<Row> {
  /** Of its head and cells, for the style sheet; no other column of the table has it. */
  readonly class: string
  readonly head: ComponentChild
  readonly hint?: string
  /** As in `grid-template-columns`; for the tables that are a grid. */
  readonly width?: string
  /** Numbers stand at the right. */
  readonly number?: boolean
  /** The key of what a click on the head sorts by. */
  readonly sort?: string
  /** What is sorted by, where the table sorts its rows itself. */
  readonly sortsBy?: (row: Row) => SortValue
  /** The first click sorts upwards: texts are read from A. */
  readonly fromA?: boolean
  /** `index`: of the row, from the top. */
  readonly cell: (row: Row, index: number) => ComponentChild
  readonly facts?: (row: Row) => CellFacts
}

/** What a cell has besides its content. */
export interface CellFacts {
  readonly class?: string
  readonly title?: string
  readonly style?: Readonly<Record<string, string>>
}

export type SortValue = string | number

/** The sort as it stands in an address, `-time`: `-` for largest first. */
export interface Sort {
  readonly key: string
  readonly down: boolean
}

export function readSort(sort: string): Sort {
  const down = sort.startsWith('-')
  return { key: down ? sort.slice(1) : sort, down }
}

/** `sort` if a column of the table has its key, else `otherwise`. */
export function sortOf<Row>(
  columns: readonly TableColumn<Row>[],
  sort: string,
  otherwise: string,
): string {
  const { key } = readSort(sort)
  return columns.some((column) => column.sort === key) ? sort : otherwise
}

/** The rows as a column's values sort them; `tie` orders those with the same one. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  sort: string,
  tie: (a: Row, b: Row) => number,
): Row[] {
  const { key, down } = readSort(sort)
  const sortsBy = columns.find((column) => column.sort === key)?.sortsBy
  if (!sortsBy) return [...rows].sort(tie)
  const sign = down ? -1 : 1
  return [...rows].sort((a, b) => sign * compareValues(sortsBy(a), sortsBy(b)) || tie(a, b))
}

/** Texts as people order them: `worker 9` before `worker 10`. */
export function compareValues(a: SortValue, b: SortValue): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : NATURAL.compare(String(a), String(b))
}

/** The sort after a click on a column's head: largest first, then smallest first. */
export function nextSort<Row>(sort: string, { sort: key = '', fromA }: TableColumn<Row>): string {
  if (sort === `-${key}`) return key
  return sort === key || !fromA ? `-${key}` : key
}

// --- internal ---

const NATURAL = new Intl.Collator('en', { numeric: true })
