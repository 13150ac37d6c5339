import { frameKinds } from './frames.js'
import type { Profile } from './profile.js'

/** For each stack the function of the app that is nearest to its end, as a frame; -1: none. */
export function nearestApps({ frames, stacks }: Pick<Profile, 'frames' | 'stacks'>): Int32Array {
  const { frame, parent } = stacks
  const kinds = frameKinds(frames)
  const nearest = new Int32Array(frame.length).fill(-1)
  for (let i = 1; i < frame.length; i++)
    nearest[i] = kinds[frame[i]!] === 'app' ? frame[i]! : nearest[parent[i]!]!
  return nearest
}
