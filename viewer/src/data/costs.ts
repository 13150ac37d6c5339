import { useEffect, useState } from 'preact/hooks'
import { type CostToOthers, costsToOthers } from '../../../src/analysis/cost-to-others.js'
import { type IndexEntry, select } from '../../../src/viewer-api/wire.js'
import { dataSource } from './page-source.js'

/** What routes cost each other, by all recordings that there were when it was worked out. */
export interface Costs {
  readonly costs: readonly CostToOthers[]
  /** Of so many requests. */
  readonly count: number
}

/** `large`: it would take long, so nobody worked it out yet. */
export type CostsState = Costs | 'large' | 'working' | { readonly error: string }

/**
 * Reads all recordings together, by itself where that is quick, and keeps the answer for as long as
 * the page lives; `work` does it anew.
 */
export function useCosts(entries: readonly IndexEntry[]): { state: CostsState; work: () => void } {
  const isQuick = entries.reduce((sum, { bytes }) => sum + bytes, 0) <= QUICK_BYTES
  const [state, setState] = useState<CostsState>(kept ?? (isQuick ? 'working' : 'large'))
  const work = () => {
    setState('working')
    workOut(entries).then(setState, (reason: Error) => setState({ error: reason.message }))
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is first shown
  useEffect(() => {
    if (isQuick && !kept) work()
  }, [])
  return { state, work }
}

/** Those that costs are worked out by. */
export function requestsIn(entries: readonly IndexEntry[]): IndexEntry[] {
  return entries.filter(({ meta }) => meta?.kind === 'request')
}

export function isKnown(state: CostsState): state is Costs {
  return typeof state === 'object' && 'costs' in state
}

// --- internal ---

const QUICK_BYTES = 100e6

let kept: Costs | null = null

async function workOut(entries: readonly IndexEntry[]): Promise<Costs> {
  const requests = requestsIn(entries)
  const isAll = requests.length === select(entries, { by: 'all' }).length
  const profile = await dataSource.load(
    isAll ? { by: 'all' } : { by: 'ids', ids: requests.map(({ id }) => id) },
    new AbortController().signal,
  )
  kept = { costs: costsToOthers(profile), count: requests.length }
  return kept
}
