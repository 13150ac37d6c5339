import { frameKey } from '../../../src/profile/frames.js'
import type { Frame, FrameIndex, Profile } from '../../../src/profile/profile.js'

/** A function in an address: short, and the same in every profile it is in. */
export function functionKey(frame: Frame): string {
  const text = frameKey(frame)
  return (hashOf(text, 0x811c9dc5) * 2 ** 20 + (hashOf(text, 0x9747b28c) >>> 12)).toString(36)
}

/** -1 where the profile has no such function. */
export function frameOfKey({ frames }: Profile, key: string): FrameIndex {
  return key === '' ? -1 : frames.findIndex((frame) => functionKey(frame) === key)
}

// --- internal ---

/**
 * FNV-1a over UTF-16 units. Two of 32 bits: one has collisions among a hundred thousand functions.
 */
function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
