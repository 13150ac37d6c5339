import { isUpTo } from '../../../src/analysis/blame.js'
import { Float64Column } from '../../../src/profile/columns.js'
import type { Micros, Profile } from '../../../src/profile/profile.js'
import { countUpTo } from '../../../src/profile/sorted.js'

/** How much of the time between two points may not have been blocked at all. */
export type UpToBetween = (start: Micros, end: Micros) => Micros

/** O(samples) once, then O(log samples + samples between). */
export function upToBetween(profile: Profile): UpToBetween {
  const isBound = isUpTo(profile)
  const starts = new Float64Column()
  const ends = new Float64Column()
  const { weight, labelSet } = profile.samples
  let at = 0
  for (let i = 0; i < weight.length; i++) {
    if (isBound[labelSet[i]!] && weight[i]! > 0) {
      starts.push(at)
      ends.push(at + weight[i]!)
    }
    at += weight[i]!
  }
  const [from, to] = [starts.finish(), ends.finish()]
  return (start, end) => {
    let sum = 0
    for (let i = countUpTo(to, start); i < from.length && from[i]! < end; i++) {
      sum += Math.min(end, to[i]!) - Math.max(start, from[i]!)
    }
    return sum
  }
}
