import { statfsSync } from 'node:fs'
import { ProfviewError } from '../errors.js'
import { printable } from '../printable.js'

/**
 * Throws `IO` where the bytes would take of what every disk keeps for others: its last hundredth,
 * at most 100 MB. A dump that filled the disk, if only until its writing fails, would fail what the
 * app writes at the same moment.
 */
export function requireRoom(dir: string, bytes: number): void {
  const room = roomIn(dir)
  if (bytes <= room) return
  const cause = Object.assign(new Error('no room'), { code: 'ENOSPC' })
  const fact = `cannot write to ${printable(dir)}: the disk is nearly full (ENOSPC)`
  throw new ProfviewError('IO', fact, { path: dir, cause })
}

// --- internal ---

const MOST_LEFT_BYTES = 100_000_000

/** `Infinity` where the system does not say. */
function roomIn(dir: string): number {
  try {
    const { blocks, bavail, bsize } = statfsSync(dir)
    const left = Math.min(MOST_LEFT_BYTES, (blocks * bsize) / 100)
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize - left
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
