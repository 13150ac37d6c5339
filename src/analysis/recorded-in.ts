import { REQUEST_LABEL, ROUTE_LABEL, routeOf } from '../profile/labels.js'
import type { Profile } from '../profile/profile.js'

/** A recording that samples are from; '' where the profile does not say. */
export interface Recorded {
  readonly route: string
  readonly request: string
}

/**
 * From which recording the samples of each label set are, as an index into `all`. Labels tell;
 * without them samples are from the only dump in the profile.
 */
export function recordedIn({ labelSets, sources }: Profile): {
  readonly all: readonly Recorded[]
  readonly ofSet: readonly number[]
} {
  const only = sources.length === 1 ? sources[0]! : null
  const all: Recorded[] = []
  const indexes = new Map<string, number>()
  const ofSet = labelSets.map((labels) => {
    const route = labels.get(ROUTE_LABEL) ?? (only ? routeOf(only) : '')
    const request = labels.get(REQUEST_LABEL) ?? only?.id ?? ''
    const key = `${route.length}:${route}${request}`
    let index = indexes.get(key)
    if (index === undefined) {
      index = all.push({ route, request }) - 1
      indexes.set(key, index)
    }
    return index
  })
  return { all, ofSet }
}
