import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { codeOf } from '../errors.js'
import { ioError, writeAll } from './atomic-write.js'
import { requireRoom } from './disk-room.js'
import { journalName, makeDumpName } from './dump-name.js'
import { makeDirectory } from './make-directory.js'

/**
 * A file that grows by records and is there only until what they are about is written otherwise.
 * The disk is not waited for: what a process has written outlives it, however it ends; only a power
 * cut may take it.
 */
export class JournalFile {
  readonly path: string
  readonly #dir: string
  readonly #fd: number
  bytes = 0

  /** Of the thread's dumps in that directory. Throws `IO`. */
  constructor(dir: string, threadId: number) {
    const path = join(dir, journalName(makeDumpName(Date.now(), threadId)))
    this.#dir = dir
    this.path = path
    this.#fd = asIo(path, () => openIn(dir, path))
  }

  /** Throws `IO`; then what has been added before is still there. */
  add(payload: Uint8Array): void {
    requireRoom(this.#dir, payload.length + HEAD)
    const record = Buffer.allocUnsafe(HEAD + payload.length)
    record.writeUInt32LE(payload.length, 0)
    record.writeUInt32LE(crc32(payload), 4)
    record.set(payload, HEAD)
    asIo(this.path, () => writeAll(this.#fd, record))
    this.bytes += record.length
  }

  /** Never throws. */
  remove(): void {
    for (const step of [() => closeSync(this.#fd), () => unlinkSync(this.path)]) {
      try {
        step()
      } catch {
        // Somebody else was first.
      }
    }
  }
}

/** The records of such a file, up to the first that is not whole. Throws what `open` throws. */
export function* journalRecords(path: string): Generator<Buffer, void> {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const head = Buffer.alloc(HEAD)
    for (let at = 0; at + HEAD <= size; ) {
      if (readSync(fd, head, 0, HEAD, at) < HEAD) return
      const length = head.readUInt32LE(0)
      at += HEAD
      if (at + length > size) return
      const payload = Buffer.alloc(length)
      if (readSync(fd, payload, 0, length, at) < length) return
      if (crc32(payload) !== head.readUInt32LE(4)) return
      yield payload
      at += length
    }
  } finally {
    closeSync(fd)
  }
}

// --- internal ---

/** Length and checksum. */
const HEAD = 8

function openIn(dir: string, path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  makeDirectory(dir)
  return openSync(path, 'wx', 0o600)
}

function asIo<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw ioError('cannot write', path, error)
  }
}
