import { useEffect, useState } from 'preact/hooks'
import { diffProfiles, type ProfileDiff } from '../../../src/analysis/diff.js'
import { dataSource } from '../data/page-source.js'
import type { Sides } from './sides.js'

export interface Comparison {
  readonly diff: ProfileDiff | null
  readonly error: string
}

/** Both sides, fetched and compared. `key` tells one pair of sides from another. */
export function useDiff(sides: Sides | null, key: string): Comparison {
  const [comparison, setComparison] = useState<Comparison>({ diff: null, error: '' })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` tells one pair of sides from another
  useEffect(() => {
    setComparison({ diff: null, error: '' })
    if (sides === null) return
    const stop = new AbortController()
    const load = async () => {
      const before = await dataSource.load(sides.before, stop.signal)
      const after = await dataSource.load(sides.after, stop.signal)
      setComparison({ diff: diffProfiles(before, after), error: '' })
    }
    load().catch((reason: Error) => {
      if (!stop.signal.aborted) setComparison({ diff: null, error: reason.message })
    })
    return () => stop.abort()
  }, [key])
  return comparison
}
