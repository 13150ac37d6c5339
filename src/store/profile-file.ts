import { statSync } from 'node:fs'
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
import { printable } from '../profile/printable.js'
import type { Profile } from '../profile/profile.js'
import { ioError, writeAtomically } from './atomic-write.js'
import { inflate } from './gzip.js'
import { zlib } from './lazy-node-modules.js'
import { readStandardInput, withInput } from './read-input.js'

export interface ReadLimits {
  /** Of the file, and of what a gzip file may unpack to. */
  readonly bytes?: number
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
    if (path === '-') return readBytes(readStandardInput(options.bytes), options, shown)
    return withInput(path, options.bytes, (input) => {
      const name = basename(path)
      const large =
        input.size < LARGE ? null : decodeSource(watched(input, onProgress), name, options)
      return large ?? readBytes(input.whole(), options, name)
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
  const bytes = encodeProfile(profile, format)
  const isPacked = path.toLowerCase().endsWith('.gz')
  replaceFile(path, isPacked ? zlib().gzipSync(bytes) : bytes)
}

/** Replaces a file in one step, or throws `IO` and leaves it as it was. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && !stat.isFile()) {
    throw new ProfviewError('IO', `cannot write ${printable(path)}: not a regular file`, { path })
  }
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${process.pid}.tmp`)
  writeAtomically(path, temporary, bytes, stat ? stat.mode & 0o777 : 0o666)
}

// --- internal ---

/** From here on a file is not held as a whole, because it may not fit into memory. */
const LARGE = 4 * 1024 * 1024

function readBytes(bytes: Uint8Array, options: ReadLimits & ReadWishes, name: string): Profile {
  if (bytes.length === 0) throw new ProfviewError('BAD_INPUT', 'the file is empty')
  return decodeProfile(isGzip(bytes) ? inflate(bytes, options.bytes) : bytes, name, options)
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
