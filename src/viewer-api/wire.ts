/**
 * What the server and the page say to each other: the index as JSON, a selection as a URL query.
 * The page imports this file, and nothing else of the server.
 */
import { kindsOf } from '../profile/kinds.js'
import { routeOf, workerOf } from '../profile/labels.js'
import type { IndexEntry } from './entry.js'

export type { IndexEntry } from './entry.js'

/** A file that cannot be shown, and why, in one line. */
export interface Refusal {
  readonly file: string
  readonly reason: string
}

export interface ViewerIndex {
  readonly entries: readonly IndexEntry[]
  readonly refusals: readonly Refusal[]
}

/** Which entries are looked at together. */
export type Selection =
  | { readonly by: 'all' }
  | { readonly by: 'ids'; readonly ids: readonly string[] }
  | { readonly by: 'route'; readonly route: string }
  | { readonly by: 'worker'; readonly worker: string }

/** The text around a function. */
export interface SourceText {
  /** As in the frame that was asked for. */
  readonly file: string
  /** Where the function begins. */
  readonly line: number
  readonly column: number
  /** The number of the first of the lines. */
  readonly startLine: number
  readonly lines: readonly string[]
  /**
   * How it is known that this is the text that ran: `hash`: the recording says so. `mtime`: not
   * verified; the file was not written since.
   */
  readonly verified: 'hash' | 'mtime'
  /** Opens the place in an editor; '' where there is no such file. */
  readonly editor: string
  /** The function as it was compiled and recorded, where a source map led to this text. */
  readonly generated: SourcePlace | null
}

export interface SourcePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Why there is no text to show, in one line. */
export interface NoSource {
  readonly reason: string
}

/** What `api/source.json` answers. */
export type SourceAnswer = SourceText | NoSource

/** The query of `api/source.json` for a frame of a selection. */
export function toSourceQuery(
  selection: Selection,
  { file, line }: Pick<SourcePlace, 'file' | 'line'>,
): string {
  return `${toQuery(selection)}&file=${encodeURIComponent(file)}&line=${line}`
}

/**
 * The route that the entry's samples are labelled with when merged; '' where there is no request.
 */
export function routeOfEntry({ meta }: IndexEntry): string {
  return meta ? routeOf(meta) : ''
}

/** The worker that the entry's samples are labelled with when merged; '' where it is not known. */
export function workerOfEntry({ meta, worker }: IndexEntry): string {
  return worker ?? (meta ? workerOf(meta) : '')
}

/**
 * What of some entries can be summed: dumps of one kind, the requests where there are any, since
 * those of other kinds may hold the same time. What profview did not make stays.
 */
export function summable(entries: readonly IndexEntry[]): IndexEntry[] {
  const [kind] = kindsOf(entries.flatMap(({ meta }) => meta ?? []))
  return entries.filter(({ meta }) => meta === null || meta.kind === kind)
}

/** A selection's entries, in the index's order; of all and of a worker's, what can be summed. */
export function select(entries: readonly IndexEntry[], selection: Selection): IndexEntry[] {
  switch (selection.by) {
    case 'all':
      return summable(entries)
    case 'ids': {
      const wanted = new Set(selection.ids)
      return entries.filter((entry) => wanted.has(entry.id))
    }
    case 'route':
      return entries.filter((entry) => routeOfEntry(entry) === selection.route)
    case 'worker':
      return summable(entries.filter((entry) => workerOfEntry(entry) === selection.worker))
  }
}

/** A selection as a URL query; `fromQuery` reads it back. */
export function toQuery(selection: Selection): string {
  switch (selection.by) {
    case 'all':
      return 'all'
    case 'ids':
      return `ids=${selection.ids.map(encodeURIComponent).join(',')}`
    case 'route':
      return `route=${encodeURIComponent(selection.route)}`
    case 'worker':
      return `worker=${encodeURIComponent(selection.worker)}`
  }
}

/** Null where the query names no selection, or more than one. */
export function fromQuery(query: URLSearchParams): Selection | null {
  const found: Selection[] = []
  if (query.has('all')) found.push({ by: 'all' })
  for (const value of query.getAll('ids')) {
    found.push({ by: 'ids', ids: value.split(',').filter((id) => id !== '') })
  }
  for (const route of query.getAll('route')) found.push({ by: 'route', route })
  for (const worker of query.getAll('worker')) found.push({ by: 'worker', worker })
  return found.length === 1 ? found[0]! : null
}
