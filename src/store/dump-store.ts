import { join } from 'node:path'
import { writeCpuprofile } from '../formats/cpuprofile/write.js'
import type { Profile } from '../profile/profile.js'
import { ioError, writeAtomically } from './atomic-write.js'
import { requireRoom } from './disk-room.js'
import { makeDumpName, temporaryName } from './dump-name.js'
import { crypto } from './lazy-node-modules.js'
import { makeDirectory } from './make-directory.js'
import {
  type KnownDumps,
  type PruneResult,
  pruneDumps,
  type StoreLimits,
  sweepTemporaries,
} from './retention.js'

export interface DumpStoreOptions {
  /** Made when the first dump is written. */
  readonly dir: string
  readonly limits: StoreLimits
  /** The thread that the dumps are of, for their names; default: this one. */
  readonly threadId?: number
}

/** A directory of dumps that any number of threads and processes write to at once. */
export interface DumpStore {
  /**
   * Writes the profile as a new file and returns its path. Throws `IO`, and leaves nothing behind
   * then. The disk is not waited for: that would hold up an exit, and the app's own writes with it.
   * A power cut may take the dumps of the last half minute; what it leaves of one is empty, or has
   * not its digest.
   */
  write(profile: Profile): string
  /** The same for a `.cpuprofile` that is already bytes. */
  writeBytes(bytes: Uint8Array): string
  /** Brings the directory within the limits now. Throws `IO` where it cannot be listed. */
  prune(): PruneResult
}

/**
 * Opens a store; no file is touched before the first write. Synchronous, for use at `exit` and in
 * worker threads. Retention happens while writing, each writer listing the directory only as often
 * as the room that is left divided by the number of writers demands.
 */
export function openStore({ dir, limits, threadId }: DumpStoreOptions): DumpStore {
  const known: KnownDumps = new Map()
  const allowance = new Allowance()
  let isSwept = false

  function writeBytes(bytes: Uint8Array): string {
    // Before anything else: a process that dies in its first write each time never gets further.
    if (!isSwept) sweepTemporaries(dir)
    isSwept = true
    const name = makeDumpName(Date.now(), threadId)
    const path = join(dir, name)
    const temporary = join(dir, temporaryName(name))
    requireRoom(dir, bytes.length)
    withDirectory(dir, () => writeAtomically(path, temporary, bytes, 0o600, false))
    if (allowance.spend(bytes.length)) {
      try {
        allowance.renew(limits, pruneDumps(dir, lowWater(limits), known, name))
      } catch {
        // The dump is safe; the next write tries again.
      }
    }
    return path
  }

  return {
    write: (profile) => writeBytes(withDigest(writeCpuprofile(profile))),
    writeBytes,
    prune() {
      const result = pruneDirectory(dir, limits, known)
      allowance.renew(limits, result)
      return result
    },
  }
}

/** Brings a directory of dumps within the limits now. Throws `IO` where it cannot be listed. */
export function pruneDirectory(
  dir: string,
  limits: StoreLimits,
  known: KnownDumps = new Map(),
): PruneResult {
  try {
    return pruneDumps(dir, limits, known)
  } catch (error) {
    throw ioError('cannot prune', dir, error)
  }
}

// --- internal ---

const RENEW_AFTER_MS = 60_000

/**
 * The value of `$profview`, which is the file's first line but for the comma, ends with `sha256`:
 * the digest of all bytes behind it.
 */
function withDigest(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0x0a) - '},'.length
  const behind = bytes.subarray(end)
  const digest = crypto().hash('sha256', behind, 'hex')
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(`,"sha256":"${digest}"`), behind])
}

/**
 * What this writer may still write before it has to look at the directory again: its share of the
 * room that was left at the last look, assuming that all writers seen there go on writing.
 */
class Allowance {
  #files = 0
  #bytes = 0
  #renewedAt = Number.NEGATIVE_INFINITY

  /** True if it is time to look. */
  spend(bytes: number): boolean {
    this.#files--
    this.#bytes -= bytes
    const since = performance.now() - this.#renewedAt
    return this.#files <= 0 || this.#bytes <= 0 || since > RENEW_AFTER_MS
  }

  renew(limits: StoreLimits, { kept, keptBytes, writers }: PruneResult): void {
    const sharers = Math.max(1, writers)
    this.#files = (limits.files - kept) / sharers
    this.#bytes = (limits.bytes - keptBytes) / sharers
    this.#renewedAt = performance.now()
  }
}

/**
 * Pruning to a little less than allowed leaves room for the next writes, or each of them would have
 * to prune.
 */
function lowWater(limits: StoreLimits): StoreLimits {
  return {
    ...limits,
    files: Math.ceil(limits.files * 0.9),
    bytes: limits.bytes * 0.9,
  }
}

/** Runs `write`, making the directory if that is what was missing. */
function withDirectory(dir: string, write: () => void): void {
  try {
    write()
    return
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
    if (cause?.code !== 'ENOENT') throw error
  }
  makeDirectory(dir)
  write()
}
