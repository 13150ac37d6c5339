import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type DumpHead, readDumpHead } from '../formats/shared/dump-meta.js'
import { ioError } from './atomic-write.js'

/** A dump in a directory, known by its first bytes only. */
export interface DumpEntry extends DumpHead {
  /** `dir` joined with the file's name. */
  readonly file: string
  readonly bytes: number
  readonly mtimeMs: number
}

/** Dumps that have been read before, by their names: what has not changed is not read again. */
export type KnownDumps = Map<string, DumpEntry>

/**
 * The dumps of a directory, newest first. Only their heads are read. Temporary files, files that
 * have vanished, FIFOs, symbolic links and whatever is not a dump are left out; `onSkip` hears of a
 * `.cpuprofile` that looks like a dump and cannot be read as one (still being copied, damaged, made
 * by a newer profview). Throws `IO` where the directory cannot be listed. `known`: for who asks
 * again and again; it is brought up to date.
 */
export function listDumps(
  dir: string,
  onSkip: (file: string, reason: string) => void = () => {},
  known: KnownDumps = new Map(),
): DumpEntry[] {
  const entries: DumpEntry[] = []
  const head = { bytes: new Uint8Array(FIRST_HEAD) }
  const names = dumpNames(dir)
  forgetGone(known, dir, names)
  for (const name of names) {
    const file = join(dir, name)
    const found = unchanged(file, known.get(name)) ?? readHead(file, head)
    if (found !== null && typeof found === 'object') known.set(name, found)
    else known.delete(name)
    if (typeof found === 'string') onSkip(file, found)
    else if (found) entries.push(found)
  }
  return entries.sort(
    (a, b) => compare(b.meta.startedAt, a.meta.startedAt) || compare(b.file, a.file),
  )
}

// --- internal ---

/** Enough for nearly every dump: a page of the disk. */
const FIRST_HEAD = 4096
const LARGEST_HEAD = 4 * 1024 * 1024

function dumpNames(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /^[^.].*\.cpuprofile$/is.test(entry.name))
      .map((entry) => entry.name)
  } catch (error) {
    throw ioError('cannot list', dir, error)
  }
}

function forgetGone(known: KnownDumps, dir: string, names: readonly string[]): void {
  if (known.size === 0) return
  const there = new Set(names)
  for (const [name, { file }] of known) {
    if (!there.has(name) && dirname(file) === dir) known.delete(name)
  }
}

function unchanged(file: string, before: DumpEntry | undefined): DumpEntry | null {
  if (before === undefined) return null
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile() || stat.size !== before.bytes || stat.mtimeMs !== before.mtimeMs) return null
  return before.file === file ? before : { ...before, file }
}

/** The entry, null for a file that is not a dump (any more), or why it cannot be read. */
function readHead(file: string, head: { bytes: Uint8Array }): DumpEntry | string | null {
  let fd: number
  try {
    // The file may have become something else since it was listed: do not wait for a FIFO's writer.
    fd = openSync(
      file,
      constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0),
    )
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : (error as Error).message
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) return null
    const found = readMeta(fd, stat.size, head)
    if (found === null || typeof found === 'string') return found
    return { file, ...found, bytes: stat.size, mtimeMs: stat.mtimeMs }
  } catch (error) {
    return (error as Error).message
  } finally {
    closeSync(fd)
  }
}

/** `head` is reused from file to file and grows where a file needs it. */
function readMeta(fd: number, size: number, head: { bytes: Uint8Array }): DumpHead | string | null {
  let length = 0
  for (;;) {
    length += readSync(fd, head.bytes, length, head.bytes.length - length, length)
    const found = readDumpHead(head.bytes.subarray(0, length))
    if (found !== 'incomplete') return found
    if (size === 0) return 'the file is empty'
    if (length >= size || length < head.bytes.length) return 'the file is not complete'
    if (length >= LARGEST_HEAD) return null
    const larger = new Uint8Array(head.bytes.length * 4)
    larger.set(head.bytes)
    head.bytes = larger
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
