import { fromQuery, type Selection, toQuery } from '../../src/viewer-api/wire.js'

/** The views of a selection, in the order of their tabs. */
export const SELECTION_VIEWS = ['tree', 'timeline', 'functions', 'flame', 'compare'] as const
export type SelectionView = (typeof SELECTION_VIEWS)[number]

/** The views, as they stand in the address. */
export type View = 'requests' | SelectionView

export type Settings = Readonly<Record<string, string>>

/**
 * Where the reader is: all state that a link carries. `settings` are those of the view; what has
 * its default value is left out, so that addresses stay short.
 */
export interface Place {
  readonly view: View
  readonly selection: Selection | null
  readonly settings: Settings
}

/** `#/tree?ids=abc&unit=percent`; anything else is the list of requests. */
export function readPlace(hash: string): Place {
  const [path = '', queryText = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const query = new URLSearchParams(queryText)
  const selection = fromQuery(query)
  const view = SELECTION_VIEWS.find((name) => name === path) ?? 'requests'
  if (view !== 'requests' && !selection) return HOME
  const settings = Object.fromEntries([...query].filter(([key]) => !SELECTION_KEYS.has(key)))
  return { view, selection: view === 'requests' ? null : selection, settings }
}

/** The address of a place, from `#` on. */
export function writePlace({ view, selection, settings }: Place): string {
  const parts = selection ? [toQuery(selection)] : []
  for (const [key, value] of Object.entries(settings)) {
    if (value !== '') parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
  }
  return `#/${view}${parts.length === 0 ? '' : `?${parts.join('&')}`}`
}

/** The address of another view of the same selection: what holds for all of them goes along. */
export function otherView({ selection, settings }: Place, view: SelectionView): string {
  const shared = Object.entries(settings).filter(([key]) => SHARED_SETTINGS.has(key))
  return writePlace({ view, selection, settings: Object.fromEntries(shared) })
}

// --- internal ---

const SELECTION_KEYS: ReadonlySet<string> = new Set(['all', 'ids', 'route', 'worker'])
/** The range of time, and the unit of numbers. */
const SHARED_SETTINGS: ReadonlySet<string> = new Set(['range', 'unit'])
const HOME: Place = { view: 'requests', selection: null, settings: {} }
