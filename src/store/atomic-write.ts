import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { codeOf, ProfviewError } from '../errors.js'
import { printable, printableReason } from '../printable.js'

/**
 * Writes `path` whole or not at all: under `temporary` (same directory, must not exist) first, then
 * renamed. A process that is killed meanwhile leaves at most the temporary file; a failure leaves
 * nothing and throws `IO`, with the error of the file system as its cause.
 *
 * `onDisk`: its bytes are there before it has its name, however long that takes. Without, a power
 * cut within half a minute may leave the name of an empty file.
 */
export function writeAtomically(
  path: string,
  temporary: string,
  bytes: Uint8Array,
  mode: number,
  onDisk = true,
): void {
  withTemporary(path, temporary, bytes, mode, onDisk, () => renamePatiently(temporary, path))
}

/** Throws what `writeAtomically` would, and leaves nothing. */
export function tryToWrite(path: string, temporary: string, bytes: Uint8Array, mode: number): void {
  withTemporary(path, temporary, bytes, mode, false, () => unlinkSync(temporary))
}

/** `IO`, with a sentence instead of the name of a system call. */
export function ioError(what: string, path: string, error: unknown): ProfviewError {
  const reason = REASONS.get(codeOf(error)) ?? printableReason(error)
  return new ProfviewError('IO', `${what} ${printable(path)}: ${reason}`, { path, cause: error })
}

/** All of the bytes to an open file, in pieces that every system takes. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(fd, bytes, at, Math.min(bytes.length - at, PIECE))
  }
}

// --- internal ---

const PIECE = 256 * 1024 * 1024
const RENAME_ATTEMPTS = 5

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space left on the disk (ENOSPC)'],
  ['EDQUOT', 'over the disk quota (EDQUOT)'],
  ['EFBIG', 'over the file size limit (EFBIG)'],
  ['EROFS', 'the file system is read-only (EROFS)'],
  ['EACCES', 'permission denied (EACCES)'],
  ['EPERM', 'not permitted (EPERM)'],
  ['EMFILE', 'too many open files (EMFILE)'],
  ['ENFILE', 'too many open files on this machine (ENFILE)'],
  ['EIO', 'the disk failed (EIO)'],
  ['ESTALE', 'its network file system has gone (ESTALE)'],
  ['ENOENT', 'no such file or directory (ENOENT)'],
  ['ENOTDIR', 'a part of the path is not a directory (ENOTDIR)'],
  ['EEXIST', 'a part of the path is not a directory (EEXIST)'],
  ['EISDIR', 'is a directory (EISDIR)'],
  ['ELOOP', 'too many symbolic links (ELOOP)'],
  ['ENAMETOOLONG', 'the name is too long (ENAMETOOLONG)'],
])

function withTemporary(
  path: string,
  temporary: string,
  bytes: Uint8Array,
  mode: number,
  onDisk: boolean,
  finish: () => void,
): void {
  let opened = false
  try {
    const fd = openSync(temporary, 'wx', mode)
    opened = true
    try {
      writeAll(fd, bytes)
      if (onDisk) flush(fd)
    } finally {
      closeSync(fd)
    }
    finish()
  } catch (error) {
    if (opened) removeQuietly(temporary)
    throw ioError('cannot write', path, error)
  }
}

/** The last is Node's own: its permission model has no fsync. */
const FSYNC_REFUSED = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'ERR_ACCESS_DENIED']

/** Some file systems have no fsync; what went wrong while writing is a failure all the same. */
function flush(fd: number): void {
  try {
    fsyncSync(fd)
  } catch (error) {
    if (!FSYNC_REFUSED.includes(codeOf(error))) throw error
  }
}

/** On Windows a virus scanner may hold a new file for a moment. */
function renamePatiently(from: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(from, to)
      return
    } catch (error) {
      const isHeld = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))
      const held = process.platform === 'win32' && isHeld
      if (!held || attempt === RENAME_ATTEMPTS) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attempt * 10)
    }
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // The failure that brought us here is the one to report.
  }
}
