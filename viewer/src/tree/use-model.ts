import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Profile } from '../../../src/profile/profile.js'
import { type Selection, toQuery } from '../../../src/server/wire.js'
import { applyView } from '../../../src/transform/view.js'
import { loadProfile } from '../client.js'
import { buildTreeModel, type TreeModel } from './model.js'

export interface Loading {
  readonly model: TreeModel | null
  readonly error: string
}

/** The call tree of a selection, fetched once; folding is done here, on what was fetched. */
export function useTreeModel(selection: Selection, fold: boolean): Loading {
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
  const model = useMemo(
    () => profile && buildTreeModel(applyView(profile, { threshold: 0, foldLibraries: fold })),
    [profile, fold],
  )
  return { model, error }
}
