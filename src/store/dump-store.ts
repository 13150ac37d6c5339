import { basename, join } from 'node:path'
import { ProfviewError } from '../errors.js'
import { writeCpuprofile } from '../formats/cpuprofile/write.js'
import { printable } from '../printable.js'
import type { Profile } from '../profile/profile.js'
import { ioError, tryToWrite, writeAtomically } from './atomic-write.js'
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
import { Tally } from './tally.js'

export interface DumpStoreOptions {
  /** Made when the first dump is written. */
  readonly dir: string
  readonly limits: StoreLimits
  /** The thread that the dumps are of, for their names; default: this one. */
  readonly threadId?: number
  /** Their process, where it is another one than this. */
  readonly pid?: number
  /**
   * Dumps that the directory may get in a minute, whoever writes them. Not given, for those of
   * which a writer has one a minute: these are not counted.
   */
  readonly perMinute?: number | undefined
}

/** The directory has got as many dumps in a minute as it may. */
export class MinuteIsFull extends ProfviewError {
  /** When there may be room again, ms. */
  readonly againInMs: number

  constructor(dir: string, perMinute: number, againInMs: number) {
    const text = `${printable(dir)}: ${perMinute} dumps in a minute, by all who write there`
    super('TOO_LARGE', text, { path: dir })
    this.againInMs = againInMs
  }
}

/** A directory of dumps that any number of threads and processes write to at once. */
export interface DumpStore {
  /**
   * Writes the profile as a new file and returns its path. Throws `IO` or `MinuteIsFull`, and
   * leaves nothing behind then. The disk is not waited for: that would hold up an exit, and the
   * app's own writes with it. A power cut may take the dumps of the last half minute; what it
   * leaves of one is empty, or has not its digest.
   */
  write(profile: Profile): string
  /** The same over a dump that `write` has returned the path of, and which is not counted twice. */
  writeOver(path: string, profile: Profile): void
  /** The same for a `.cpuprofile` that is already bytes. */
  writeBytes(bytes: Uint8Array): string
  /**
   * Throws `IO` where a dump as large as the last one could not be written now; writes none, and
   * counts none.
   */
  probe(): void
  /** Brings the directory within the limits now. Throws `IO` where it cannot be listed. */
  prune(): PruneResult
}

/**
 * Opens a store; no file is touched before the first write. Synchronous, for use at `exit` and in
 * worker threads. Retention happens while writing: a writer lists the directory when all writers
 * together have written what there was room for when it last did.
 */
export function openStore({ dir, limits, threadId, pid, perMinute }: DumpStoreOptions): DumpStore {
  const known: KnownDumps = new Map()
  const tally = new Tally(dir)
  const room = new Room(limits, tally)
  let isSwept = false
  let lastBytes = 0

  function writeBytes(bytes: Uint8Array, id?: string): string {
    // Before anything else: a process that dies in its first write each time never gets further.
    if (!isSwept) sweepTemporaries(dir)
    isSwept = true
    lastBytes = bytes.length
    const { name, path, temporary } = newPaths(id)
    requireRoom(dir, bytes.length)
    withDirectory(dir, () => {
      if (perMinute !== undefined) count(path, bytes.length, perMinute)
      writeAtomically(path, temporary, bytes, 0o600, false)
    })
    if (perMinute === undefined || !room.isLeft) {
      try {
        room.renew(pruneDumps(dir, lowWater(limits), known, name))
      } catch {
        // The dump is safe; the next write tries again.
      }
    }
    return path
  }

  function probe(): void {
    const { path, temporary } = newPaths()
    const bytes = Math.min(lastBytes, MOST_PROBED_BYTES)
    requireRoom(dir, lastBytes)
    withDirectory(dir, () => {
      // Of none that there may be, none is counted.
      if (perMinute !== undefined) tallied(path, 0, 0)
      tryToWrite(path, temporary, new Uint8Array(bytes), 0o600)
    })
  }

  function newPaths(id?: string) {
    const name = makeDumpName(Date.now(), threadId, pid, id)
    return { name, path: join(dir, name), temporary: join(dir, temporaryName(name)) }
  }

  function count(path: string, bytes: number, most: number): void {
    const againInMs = tallied(path, bytes, most)
    if (againInMs > 0) throw new MinuteIsFull(dir, most, againInMs)
  }

  function tallied(path: string, bytes: number, most: number): number {
    try {
      return tally.add(bytes, most)
    } catch (error) {
      throw ioError('cannot write', path, error)
    }
  }

  return {
    write(profile) {
      const id = profile.sources.length === 1 ? profile.sources[0]!.id : undefined
      return writeBytes(withDigest(writeCpuprofile(profile)), id)
    },
    writeOver(path, profile) {
      const bytes = withDigest(writeCpuprofile(profile))
      requireRoom(dir, bytes.length)
      const temporary = join(dir, temporaryName(basename(path)))
      withDirectory(dir, () => writeAtomically(path, temporary, bytes, 0o600, false))
    },
    writeBytes: (bytes) => writeBytes(bytes),
    probe,
    prune() {
      const result = pruneDirectory(dir, limits, known)
      room.renew(result)
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

const LOOK_AFTER_MS = 60_000
/** Where so many can be written, more can, but for a limit of the process that is larger still. */
const MOST_PROBED_BYTES = 16_000_000

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

/** What all writers may write before this one has to look at the directory again. */
class Room {
  readonly #limits: StoreLimits
  readonly #tally: Tally
  #files = 0
  #bytes = 0
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(limits: StoreLimits, tally: Tally) {
    this.#limits = limits
    this.#tally = tally
  }

  get isLeft(): boolean {
    const { files, bytes } = this.#tally
    const isRecent = performance.now() - this.#lookedAt <= LOOK_AFTER_MS
    return isRecent && files < this.#files && bytes < this.#bytes
  }

  renew({ kept, keptBytes }: PruneResult): void {
    this.#tally.forget()
    this.#files = this.#limits.files - kept
    this.#bytes = this.#limits.bytes - keptBytes
    this.#lookedAt = performance.now()
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
