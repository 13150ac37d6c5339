import { lstatSync, readdirSync, type Stats, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isTemporaryDump, parseDumpName } from './dump-name.js'

/** What a directory of dumps may hold. `Infinity` where there is no limit. */
export interface StoreLimits {
  readonly files: number
  readonly bytes: number
  /** Age of a dump by its name, ms. */
  readonly ageMs: number
}

export const DEFAULT_LIMITS: StoreLimits = {
  files: 1_000,
  bytes: 1_000_000_000,
  ageMs: 7 * 24 * 3_600_000,
}

export interface PruneResult {
  readonly removed: number
  readonly removedBytes: number
  readonly kept: number
  readonly keptBytes: number
  /** Threads that have written one of the dumps kept. */
  readonly writers: number
}

/** Dumps already seen, by name; one never changes, so its size is asked for once. */
export type KnownDumps = Map<string, FoundDump>

export interface FoundDump {
  readonly name: string
  readonly timeMs: number
  readonly writer: string
  readonly bytes: number
}

/**
 * Removes the oldest dumps until the limits hold, and temporary files left by writers that died
 * over a minute ago. Several processes may do this at once: what another has removed meanwhile is
 * gone as wished. Only regular files with a name of ours are touched; the newest dump and `keep`
 * stay in any case. Throws what `readdir` throws.
 */
export function pruneDumps(
  dir: string,
  limits: StoreLimits,
  known: KnownDumps = new Map(),
  keep = '',
): PruneResult {
  const dumps = findDumps(dir, known)
  const oldest = Date.now() - limits.ageMs
  const writers = new Set<string>()
  let fits = true
  let kept = 0
  let keptBytes = 0
  let removed = 0
  let removedBytes = 0
  for (const { name, bytes, timeMs, writer } of dumps) {
    // Once one does not fit, all that are older go as well.
    fits &&= timeMs >= oldest && kept < limits.files && keptBytes + bytes <= limits.bytes
    if (kept === 0 || name === keep || fits || !remove(join(dir, name))) {
      kept++
      keptBytes += bytes
      writers.add(writer)
    } else {
      removed++
      removedBytes += bytes
      known.delete(name)
    }
  }
  return { removed, removedBytes, kept, keptBytes, writers: writers.size }
}

/** Removes what writers left that died over a minute ago. Never throws. */
export function sweepTemporaries(dir: string): void {
  try {
    for (const name of readdirSync(dir)) if (isTemporaryDump(name)) sweep(join(dir, name))
  } catch {
    // The directory is not there yet, or writing says what is wrong with it.
  }
}

// --- internal ---

/** Nobody copies a file for that long. */
const STALE_MS = 3_600_000
/** A dump is written in milliseconds. */
const STALE_TEMPORARY_MS = 60_000

/** Newest first. Names alone are listed: to ask for types, too, would take as long again. */
function findDumps(dir: string, known: KnownDumps): FoundDump[] {
  const dumps: FoundDump[] = []
  const names = readdirSync(dir)
  for (const name of names) {
    if (isTemporaryDump(name)) sweep(join(dir, name))
    const dump = known.get(name) ?? lookAt(dir, name)
    if (dump === null) continue
    known.set(name, dump)
    dumps.push(dump)
  }
  if (known.size > dumps.length) {
    const present = new Set(names)
    for (const name of known.keys()) if (!present.has(name)) known.delete(name)
  }
  return dumps.sort((a, b) => b.timeMs - a.timeMs || (a.name < b.name ? 1 : -1))
}

/** Null if it is no dump, or has gone. */
function lookAt(dir: string, name: string): FoundDump | null {
  const parsed = parseDumpName(name)
  if (parsed === null) return null
  const stat = lstatSync(join(dir, name), { throwIfNoEntry: false })
  if (!stat?.isFile()) return null
  // A power cut took its bytes, or whoever copies it here has written none yet.
  if (stat.size === 0) {
    if (isStale(stat, STALE_MS)) remove(join(dir, name))
    return null
  }
  const writer = `${parsed.pid}-${parsed.threadId}`
  return { name, timeMs: parsed.timeMs, writer, bytes: stat.size }
}

function sweep(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() && isStale(stat, STALE_TEMPORARY_MS)) remove(path)
}

function isStale({ mtimeMs }: Stats, afterMs: number): boolean {
  return Date.now() - mtimeMs > afterMs
}

/** True if the file is gone afterwards. */
function remove(path: string): boolean {
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
