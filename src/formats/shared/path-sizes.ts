import { ProfviewError } from '../../errors.js'
import type { StackTable } from '../../profile/profile.js'

/**
 * Of each stack the bytes of its path, for a format that writes all frames of a stack again and
 * again: a deep tree, which is small, takes the square of its depth there. `sizeOf` is of a frame
 * with what is between it and the next.
 */
export function pathSizes(
  { frame, parent }: StackTable,
  sizeOf: (frame: number) => number,
): Float64Array {
  const sizes = new Float64Array(frame.length)
  for (let i = 1; i < sizes.length; i++) sizes[i] = sizes[parent[i]!]! + sizeOf(frame[i]!)
  return sizes
}

/** Throws `TOO_LARGE` for what nobody could read again. */
export function requireWritable(bytes: number): void {
  if (bytes <= LARGEST) return
  const fact = `its deep stacks would take ${Math.round(bytes / 1e6)} MB in this format`
  throw new ProfviewError('TOO_LARGE', `${fact}; write it as .cpuprofile`)
}

// --- internal ---

const LARGEST = 1e9
