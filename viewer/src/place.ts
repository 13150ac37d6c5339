import { useEffect, useState } from 'preact/hooks'
import { fromQuery, type Selection, toQuery } from '../../src/server/wire.js'

/** The views, as they stand in the address. */
export type View = 'requests' | 'tree' | 'flame'

/**
 * Where the reader is: all state that a link carries. `settings` are those of the view; what has its
 * default value is left out, so that addresses stay short.
 */
export interface Place {
  readonly view: View
  readonly selection: Selection | null
  readonly settings: Readonly<Record<string, string>>
}

/** `#/tree?ids=abc&unit=percent`; anything else is the list of requests. */
export function readPlace(hash: string): Place {
  const [path = '', queryText = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const query = new URLSearchParams(queryText)
  const selection = fromQuery(query)
  const view = path === 'tree' || path === 'flame' ? path : 'requests'
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

/** Changes settings of the current view without adding to the history. */
export type ChangeSettings = (changes: Readonly<Record<string, string>>) => void

/** The current place, kept in step with the address bar. */
export function usePlace(): { place: Place; change: ChangeSettings } {
  const [place, setPlace] = useState(() => readPlace(location.hash))
  useEffect(() => {
    const follow = () => setPlace(readPlace(location.hash))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const change: ChangeSettings = (changes) => {
    const here = readPlace(location.hash)
    const next = { ...here, settings: { ...here.settings, ...changes } }
    history.replaceState(history.state, '', writePlace(next))
    setPlace(next)
  }
  return { place, change }
}

/** Goes to a place as a link would. */
export function goTo(place: Place): void {
  location.hash = writePlace(place)
}

// --- internal ---

const SELECTION_KEYS: ReadonlySet<string> = new Set(['all', 'ids', 'route', 'worker'])
const HOME: Place = { view: 'requests', selection: null, settings: {} }
