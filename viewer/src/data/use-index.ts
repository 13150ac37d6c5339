import { useEffect, useState } from 'preact/hooks'
import type { ViewerIndex } from '../../../src/viewer-api/wire.js'
import type { IndexChange } from './data-source.js'
import { dataSource } from './page-source.js'

/** The index as far as it is known; `error` says why it is not, or no longer, fresh. */
export interface Live {
  readonly index: ViewerIndex | null
  readonly error: string
}

/** Follows the index for as long as the page is open. */
export function useIndex(): Live {
  const [live, setLive] = useState<Live>({ index: null, error: '' })
  useEffect(() => {
    const stop = new AbortController()
    const onChange = (change: IndexChange) =>
      // The same object draws nothing.
      setLive((before) =>
        !change.index && change.error === before.error ? before : { ...before, ...change },
      )
    void dataSource.follow(stop.signal, onChange)
    return () => stop.abort()
  }, [])
  return live
}
