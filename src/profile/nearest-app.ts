import { frameKind } from './frames.js'
import type { Profile } from './profile.js'

/** For each stack the function of the app that is nearest to its end, as a frame; -1: none. */
export function nearestApps({ frames, stacks }: Pick<Profile, 'frames' | 'stacks'>): Int32Array {
  const { frame, parent } = stacks
  const isApp = frames.map((each) => frameKind(each) === 'app')
  const nearest = new Int32Array(frame.length).fill(-1)
  for (let i = 1; i < frame.length; i++)
    nearest[i] = isApp[frame[i]!] ? frame[i]! : nearest[parent[i]!]!
  return nearest
}
