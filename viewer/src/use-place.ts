import { useEffect, useState } from 'preact/hooks'
import { type Place, readPlace, writePlace } from './place.js'

/** Changes settings of the current view without adding to the history. */
export type ChangeSettings = (changes: Readonly<Record<string, string>>) => void

/** The current place, kept in step with the address bar. */
export function usePlace(): { place: Place; change: ChangeSettings } {
  const [place, setPlace] = useState(() => readPlace(location.hash))
  useEffect(() => {
    const follow = () => setPlace(readPlace(location.hash))
    addEventListener('hashchange', follow)
    // The address may have changed before anybody listened.
    follow()
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
