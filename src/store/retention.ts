import { lstatSync, readdirSync, unlinkSync } from 'node:fs'
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

/** Sizes of dumps already seen; a dump never changes, so its size is asked for once. */
export type KnownSizes = Map<string, number>

/**
 * Removes the oldest dumps until the limits hold, and temporary files left by writers that died
 * over an hour ago. Several processes may do this at once: what another has removed meanwhile is
 * gone as wished. Only regular files with a name of ours are touched; the newest dump and `keep`
 * stay in any case. Throws what `readdir` throws.
 */
export function pruneDumps(
  dir: string,
  limits: StoreLimits,
  sizes: KnownSizes = new Map(),
  keep = '',
): PruneResult {
  const dumps = findDumps(dir, sizes)
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
      sizes.delete(name)
    }
  }
  return { removed, removedBytes, kept, keptBytes, writers: writers.size }
}

// --- internal ---

const STALE_MS = 3_600_000

interface FoundDump {
  readonly name: string
  readonly timeMs: number
  readonly writer: string
  readonly bytes: number
}

/** Newest first. */
function findDumps(dir: string, sizes: KnownSizes): FoundDump[] {
  const dumps: FoundDump[] = []
  const present = new Set<string>()
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    if (isTemporaryDump(entry.name)) sweep(join(dir, entry.name))
    const parsed = parseDumpName(entry.name)
    if (!parsed) continue
    const bytes = sizes.get(entry.name) ?? sizeOf(join(dir, entry.name))
    if (bytes === null) continue
    sizes.set(entry.name, bytes)
    present.add(entry.name)
    const writer = `${parsed.pid}-${parsed.threadId}`
    dumps.push({ name: entry.name, timeMs: parsed.timeMs, writer, bytes })
  }
  for (const name of sizes.keys()) if (!present.has(name)) sizes.delete(name)
  return dumps.sort((a, b) => b.timeMs - a.timeMs || (a.name < b.name ? 1 : -1))
}

/** Null if the file has gone. */
function sizeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? null
}

function sweep(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat && Date.now() - stat.mtimeMs > STALE_MS) remove(path)
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
