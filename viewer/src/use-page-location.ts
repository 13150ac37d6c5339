import { useEffect, useState } from 'preact/hooks'
import { type PageLocation, readLocation, type Target, writeLocation } from './page-location.js'
import type { SettingsOf, ViewName } from './view-settings.js'

/** Changes settings of the current view without adding to the history. */
export type ChangeSettings<View extends ViewName> = (changes: Partial<SettingsOf<View>>) => void

interface Following {
  readonly here: PageLocation
  /** For whichever view is there: each is given it as a change of its own settings. */
  readonly change: (changes: Readonly<Record<string, unknown>>) => void
}

/** The current location, kept in step with the address bar. */
export function usePageLocation(): Following {
  const [here, setHere] = useState(() => readLocation(location.hash))
  const follow = () => setHere(readLocation(location.hash))
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for as long as the page lives
  useEffect(() => {
    addEventListener('hashchange', follow)
    // The address may have changed before anybody listened.
    follow()
    return () => removeEventListener('hashchange', follow)
  }, [])
  const change: Following['change'] = (changes) => {
    const now = readLocation(location.hash)
    const next = { ...now, settings: { ...now.settings, ...changes } } as Target
    history.replaceState(history.state, '', writeLocation(next))
    follow()
  }
  return { here, change }
}

/** Goes to a place as a link would. */
export function goTo(target: Target): void {
  location.hash = writeLocation(target)
}
