/** The function to look at, of whoever had time. */
import type { CallTree } from '../profile/calltree.js'
import { frameKinds, GC } from '../profile/frames.js'
import { PairTable } from '../profile/pair-table.js'
import type { FrameIndex, Micros, StackIndex } from '../profile/profile.js'
import { outermostWalk } from './outermost.js'

/** A function and where it is: the heaviest of its calls. */
export interface Hotspot {
  readonly frame: FrameIndex
  readonly stack: StackIndex
  readonly micros: Micros
}

/**
 * For each culprit the narrowest function of the app that had at least half of its time, or else
 * garbage collection if that had; a hole where neither had. `culpritOf`: of each stack, -1: none;
 * `micros`: of each culprit.
 */
export function hotspotsOf(tree: CallTree, culpritOf: Int32Array, micros: Float64Array) {
  const { frames, stacks } = tree.profile
  const { frame, parent } = stacks
  const isApp = frameKinds(frames).map((kind) => kind === 'app')
  const isGc = frames.map(({ name }) => name === GC)
  // Times of each function for each culprit, which is blocked in many places.
  const functions = new PairTable()
  const times: number[] = []
  const calls: StackIndex[] = []
  const walk = outermostWalk(tree)
  for (let i = 1; i < frame.length; i++) {
    const culprit = culpritOf[i]!
    if (culprit === -1 || culpritOf[parent[i]!] !== -1) continue
    walk(i, (call) => {
      const isTold = isApp[frame[call]!] || (isGc[frame[call]!] && call !== i)
      if (!isTold) return
      const row = functions.intern(culprit, frame[call]!)
      times[row] = (times[row] ?? 0) + tree.total[call]!
      const known = calls[row]
      if (known === undefined || tree.total[call]! > tree.total[known]!) calls[row] = call
    })
  }
  const found: (Hotspot | undefined)[] = []
  for (let row = 0; row < functions.size; row++) {
    const culprit = functions.first.at(row)
    const time = times[row]!
    if (time === 0 || time < micros[culprit]! * MOST) continue
    const best = found[culprit]
    const hotspot = { frame: functions.second.at(row), stack: calls[row]!, micros: time }
    // Of two with the same time, one called the other, and callees come later.
    const isNarrower =
      !best || time < best.micros || (time === best.micros && hotspot.stack > best.stack)
    const isOther = best !== undefined && isGc[best.frame] !== isGc[hotspot.frame]
    if (isOther ? isGc[best.frame] : isNarrower) found[culprit] = hotspot
  }
  return found
}

// --- internal ---

/** Time that a function must have to be the one to look at. */
const MOST = 0.5
