import type { WaitCount } from '../../profile/profile.js'
import { bad } from './bad.js'
import { Fields, listOf } from './fields.js'

/** An entry of `waits` in a file. */
export interface FileWait {
  /** The V8 id of the node of the `[await]`. */
  readonly node: number
  readonly count: number
  readonly totalMicros: number
  readonly longestMicros: number
  /** As in `WaitCount`. */
  readonly mostAtOnce?: number
  /** Of whose recording, in a file of several: an index into `sampleLabels.sets`. */
  readonly labels?: number
}

/** Checks a list of waits; none where there is no such key. Throws `BAD_INPUT` with the place. */
export function checkWaits(value: unknown, place: string): FileWait[] {
  if (value === undefined) return []
  return listOf(value, place, (each, at) => {
    const wait = new Fields(each, at)
    const [count, totalMicros] = [wait.count('count'), wait.count('totalMicros')]
    const longestMicros = wait.count('longestMicros')
    if (count === 0) throw bad(wait.placeOf('count'), 'is 0')
    if (longestMicros > totalMicros) {
      throw bad(wait.placeOf('longestMicros'), 'is more than all together')
    }
    const labels = wait.get('labels') === undefined ? {} : { labels: wait.count('labels') }
    const known = wait.get('mostAtOnce') === undefined ? null : wait.count('mostAtOnce')
    if (known === 0) throw bad(wait.placeOf('mostAtOnce'), 'is 0')
    const atOnce = known === null ? {} : { mostAtOnce: known }
    return { node: wait.count('node'), count, totalMicros, longestMicros, ...atOnce, ...labels }
  })
}

/** `nodeOf`: stacks as ids of nodes. */
export function toFileWait(
  { stack, labelSet, ...sum }: WaitCount,
  nodeOf: (stack: number) => number,
): FileWait {
  const labels = labelSet === 0 ? {} : { labels: labelSet }
  return { node: nodeOf(stack), ...sum, ...labels }
}
