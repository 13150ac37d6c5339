import { useEffect, useState } from 'preact/hooks'
import type { Profile } from '../../src/profile/profile.js'
import { type Selection, toQuery } from '../../src/server/wire.js'
import { loadProfile } from './client.js'

export interface Loading {
  readonly profile: Profile | null
  readonly error: string
}

/** The profile of a selection, fetched once for all views. */
export function useProfile(selection: Selection): Loading {
  const [profile, setProfile] = useState<Profile | null>(null)
  const [error, setError] = useState('')
  const query = toQuery(selection)
  useEffect(() => {
    const stop = new AbortController()
    setProfile(null)
    setError('')
    loadProfile(selection, stop.signal).then(setProfile, (reason: Error) => {
      if (!stop.signal.aborted) setError(reason.message)
    })
    return () => stop.abort()
  }, [query])
  return { profile, error }
}
