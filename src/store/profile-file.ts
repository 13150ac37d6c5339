import { type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ProfviewError } from '../errors.js'
import type { ReadWishes } from '../formats/format.js'
import {
  decodeProfile,
  decodeSource,
  encodeProfile,
  formatOfFileName,
  isGzip,
} from '../formats/registry.js'
import type { ByteSource } from '../formats/shared/byte-window.js'
import { printable } from '../printable.js'
import { Budget, currentBudget, memoryFor, withBudget } from '../profile/budget.js'
import type { Profile } from '../profile/profile.js'
import { ioError, writeAtomically } from './atomic-write.js'
import { DigestCheck, requireDigest } from './digest.js'
import { inflate } from './gzip.js'
import { zlib } from './lazy-node-modules.js'
import { type Input, readStandardInput, withInput } from './read-input.js'

export interface ReadLimits {
  /**
   * Bytes that the process may take while it reads; default: 512 MB, or twice the file's size where
   * that is more.
   */
  readonly memory?: number
}

/**
 * Reads any supported file, gzip or not; `-` is the standard input. Never blocks on a FIFO, never
 * reads a device. `onProgress` hears now and then how much of a large file has been read. Every
 * error is one line that names the file: `IO`, `TOO_LARGE`, `BAD_INPUT`, `UNKNOWN_FORMAT`,
 * `NEWER_VERSION`.
 */
export function readProfileFile(
  path: string,
  options: ReadLimits & ReadWishes = {},
  onProgress: (share: number) => void = () => {},
): Profile {
  const shown = path === '-' ? '<stdin>' : path
  try {
    if (path === '-') return readStandardProfile(shown, options)
    return withInput(path, (input) => {
      const name = basename(path)
      return withBudget(budgetFor(input.size, options), () => {
        const source = watched(input, onProgress)
        return readLarge(source, name, options) ?? readBytes(held(input), options, name)
      })
    })
  } catch (error) {
    throw named(shown, error)
  }
}

/**
 * Writes the profile in the format that the name asks for; what ends in `.gz` is compressed. A file
 * that exists is replaced only by a complete new one. Throws `BAD_OPTION` for an unknown extension,
 * `IO`.
 */
export function writeProfileFile(path: string, profile: Profile): void {
  const format = formatOfFileName(path)
  if (format === null) {
    const fact = 'the extension names no format that can be written'
    throw new ProfviewError('BAD_OPTION', `${printable(path)}: ${fact}`, { path })
  }
  replaceFile(path, packedFor(path, encodeProfile(profile, format)))
}

/** In gzip, if the name says so. */
export function packedFor(path: string, bytes: Uint8Array): Uint8Array {
  return path.toLowerCase().endsWith('.gz') ? zlib().gzipSync(bytes) : bytes
}

/** Replaces a file in one step, or throws `IO` and leaves it as it was. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const stat = statOfOutput(path)
  if (stat && !stat.isFile()) {
    throw new ProfviewError('IO', `cannot write ${printable(path)}: not a regular file`, { path })
  }
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${process.pid}.tmp`)
  writeAtomically(path, temporary, bytes, stat ? stat.mode & 0o777 : 0o666)
}

// --- internal ---

/** Undefined where nothing is yet. */
function statOfOutput(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw ioError('cannot write', path, error)
  }
}

/** From here on a file is not held as a whole, because it may not fit into memory. */
const LARGE = 4 * 1024 * 1024

/** Null for what has to be held, or is small. */
function readLarge(source: ByteSource, name: string, options: ReadWishes): Profile | null {
  if (source.size < LARGE) return null
  const digest = new DigestCheck(source)
  const profile = decodeSource(digest, name, options)
  if (profile !== null) digest.require()
  return profile
}

/** A part of the budget that holds already, where several files are read as one. */
function budgetFor(size: number, { memory }: ReadLimits): Budget {
  const most = memory ?? memoryFor(size)
  return currentBudget()?.part(most, size) ?? new Budget(most, size)
}

function held({ size, whole }: Input): Uint8Array {
  currentBudget()?.take(size)
  return whole()
}

/** How much it is is known when it has been read. */
function readStandardProfile(name: string, options: ReadLimits & ReadWishes): Profile {
  const { memory } = options
  const bytes = readStandardInput(memory === undefined ? undefined : memory / 2)
  return withBudget(budgetFor(bytes.length, options), () => readBytes(bytes, options, name))
}

function readBytes(bytes: Uint8Array, options: ReadWishes, name: string): Profile {
  if (bytes.length === 0) throw new ProfviewError('BAD_INPUT', 'the file is empty')
  const unpacked = isGzip(bytes) ? inflate(bytes) : bytes
  requireDigest(unpacked)
  return decodeProfile(unpacked, name, options)
}

function watched({ size, read }: ByteSource, onProgress: (share: number) => void): ByteSource {
  return {
    size,
    read: (into, position) => {
      onProgress(position / size)
      return read(into, position)
    },
  }
}

/** The same error with the file in front of the reason. */
function named(path: string, error: unknown): ProfviewError {
  if (!(error instanceof ProfviewError)) {
    const { code } = error as NodeJS.ErrnoException
    if (code) return ioError('cannot read', path, error)
    const reason = `${printable(path)}: ${(error as Error).message}`
    return new ProfviewError('BAD_INPUT', reason, { path, cause: error })
  }
  const message = `${printable(path)}: ${error.message}`
  return new ProfviewError(error.code, message, { path, cause: error })
}
