import { constants as bufferConstants } from 'node:buffer'
import type { Stats } from 'node:fs'
import {
  closeSync,
  constants as fsConstants,
  fstatSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { ProfviewError } from '../errors.js'
import type { ByteSource } from '../formats/shared/byte-window.js'

/**
 * A regular file as bytes, also past the 2 GiB at which `readFileSync` gives up. Throws `BAD_INPUT`
 * for anything but a regular file, without opening it, `TOO_LARGE` without reading it, and what the
 * file system throws.
 */
export function readInput(path: string, limit = LARGEST): Uint8Array {
  return withInput(path, (input) => input.whole(), limit)
}

/** A file that is open. */
export interface Input extends ByteSource {
  readonly whole: () => Uint8Array
}

/** The same for who first looks how large the file is. It is closed behind `use`. */
export function withInput<Result>(
  path: string,
  use: (input: Input) => Result,
  limit = LARGEST,
): Result {
  // Opening a FIFO waits for its writer, opening a device may do anything: look first.
  requireFile(statSync(path))
  const fd = openSync(path, fsConstants.O_RDONLY | (fsConstants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(fd)
    const { size } = stat
    requireFile(stat)
    if (size > limit) throw tooLarge(size, limit)
    refuseHole(fd, stat)
    const read = (into: Uint8Array, position: number) => readFully(fd, into, position)
    return use({ size, read, whole: () => readWhole(fd, size) })
  } finally {
    closeSync(fd)
  }
}

/** Everything until the end of the standard input, which may not have one. */
export function readStandardInput(limit = LARGEST_OF_STREAM): Uint8Array {
  let bytes = new Uint8Array(64 * 1024)
  let length = 0
  for (;;) {
    if (length === bytes.length) {
      if (length >= limit) throw tooLarge(length, limit)
      const larger = new Uint8Array(Math.min(length * 2, limit + 1))
      larger.set(bytes)
      bytes = larger
    }
    const read = readPatiently(bytes, length)
    if (read === 0) return bytes.subarray(0, length)
    length += read
  }
}

// --- internal ---

/** What a buffer holds on every supported Node; `writeSync` and `readSync` take less at once. */
const LARGEST = Math.min(bufferConstants.MAX_LENGTH, 2 ** 32 - 1)
const PIECE = 1024 * 1024 * 1024
const LARGEST_OF_STREAM = 1e9

function requireFile(stat: Stats): void {
  if (stat.isFile()) return
  const kind = stat.isDirectory()
    ? 'a directory'
    : stat.isFIFO()
      ? 'a FIFO'
      : stat.isSocket()
        ? 'a socket'
        : 'a device'
  throw new ProfviewError('BAD_INPUT', `${kind}, not a file`)
}

/** No format starts with sixteen zeros, but a sparse file of gigabytes does. */
function refuseHole(fd: number, { size }: Stats): void {
  const head = new Uint8Array(16)
  if (size < head.length) return
  readSync(fd, head, 0, head.length, 0)
  if (head.every((byte) => byte === 0)) {
    throw new ProfviewError('UNKNOWN_FORMAT', 'not a profile: nothing but zeros at its start')
  }
}

function readWhole(fd: number, size: number): Uint8Array {
  const bytes = allocate(size)
  // Shorter than it was a moment ago: what is there will tell the reader.
  return bytes.subarray(0, readFully(fd, bytes, 0))
}

function readFully(fd: number, into: Uint8Array, position: number): number {
  let length = 0
  while (length < into.length) {
    const wanted = Math.min(into.length - length, PIECE)
    const read = readSync(fd, into, length, wanted, position + length)
    if (read === 0) break
    length += read
  }
  return length
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size)
  } catch (error) {
    throw new ProfviewError('TOO_LARGE', `no memory for ${size} bytes`, { cause: error })
  }
}

/** A terminal or a pipe in non-blocking mode answers EAGAIN until there is something. */
function readPatiently(bytes: Uint8Array, at: number): number {
  for (;;) {
    try {
      return readSync(0, bytes, at, Math.min(bytes.length - at, PIECE), null)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

function tooLarge(size: number, limit: number): ProfviewError {
  return new ProfviewError('TOO_LARGE', `${size} bytes or more are over the limit of ${limit}`)
}
