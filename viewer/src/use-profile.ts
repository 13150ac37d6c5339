import { useEffect, useState } from 'preact/hooks'
import type { Profile } from '../../src/profile/profile.js'
import { type Selection, toQuery } from '../../src/viewer-api/wire.js'
import { loadProfile } from './client.js'

export interface Loading {
  readonly profile: Profile | null
  /** Of the bytes, the share that is here. */
  readonly progress: number
  readonly error: string
}

/** The profile of a selection, fetched once for all views; `name` where it does not say its own. */
export function useProfile(selection: Selection, name: string): Loading {
  const [profile, setProfile] = useState<Profile | null>(null)
  const [progress, setProgress] = useState(0)
  const [error, setError] = useState('')
  const query = toQuery(selection)
  useEffect(() => {
    const stop = new AbortController()
    setProfile(null)
    setError('')
    setProgress(0)
    // Small steps would only cost frames.
    const onProgress = (share: number) => setProgress(Math.floor(share * 100) / 100)
    loadProfile(selection, stop.signal, { name, onProgress }).then(setProfile, (reason: Error) => {
      if (!stop.signal.aborted) setError(reason.message)
    })
    return () => stop.abort()
  }, [query])
  return { profile, progress, error }
}
