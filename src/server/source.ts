import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { codeOf, ProfviewError } from '../errors.js'
import { printableReason } from '../printable.js'
import type { Profile } from '../profile/profile.js'
import type { KnownDumps } from '../store/dump-list.js'
import { isDirectory } from '../store/path-stat.js'
import { type ReadLimits, readProfileFile } from '../store/profile-file.js'
import { listProfiles } from '../store/profile-list.js'
import { besideEachOther, entryFacts } from '../viewer-api/entry.js'
import type { IndexEntry, Refusal, ViewerIndex } from '../viewer-api/wire.js'

/** Where the viewer's profiles come from. */
export interface ViewerSource {
  /** What there is right now. */
  scan(): ViewerIndex
  /**
   * The profile of an entry of the latest scan. Throws what the reader throws; `IO` if it is gone.
   */
  read(id: string): Profile
  /** The file of an entry of the latest scan, or '' if there is none. */
  pathOf(id: string): string
  /** The entry to open first, where the input is a single file; else ''. */
  single(): string
}

export interface SourceOptions extends ReadLimits {
  /** For who has read the directories already. */
  readonly known?: KnownDumps | undefined
  /** A directory that will be made. */
  readonly awaited?: string
}

/**
 * A source over files and directories. Directories are read anew at every scan, so that dumps which
 * are written meanwhile appear. Paths come from here alone: a URL can only carry the id of a file
 * found.
 */
export function openInputs(
  inputs: readonly string[],
  { known = new Map(), awaited, ...limits }: SourceOptions = {},
): ViewerSource {
  const paths = new Map<string, string>()
  const readings = new Map<string, Reading>()
  const read = createReader(inputs, limits)

  function scan(): ViewerIndex {
    const entries: IndexEntry[] = []
    const seen = new Set<string>()
    const refusals: Refusal[] = []
    const deadline = performance.now() + READING_BUDGET_MS
    paths.clear()
    const add = (found: Found) => {
      if (seen.has(found.path)) return
      seen.add(found.path)
      const entry = describe(found, readings, deadline, read)
      if ('reason' in entry) return void refusals.push(entry)
      const id = idOf(found.path, entry.meta, paths)
      paths.set(id, found.path)
      entries.push({ id, ...entry })
    }
    const skip = (path: string, reason: string) => refusals.push({ file: basename(path), reason })
    for (const input of inputs) {
      try {
        for (const found of filesOf(input, skip, known)) add(found)
      } catch (error) {
        if (codeOf(error) === 'ENOENT' && input === awaited) continue
        refusals.push({ file: input, reason: reasonOf(error) })
      }
    }
    entries.sort((a, b) => timeOf(b) - timeOf(a) || (a.file < b.file ? -1 : 1))
    return { entries: besideEachOther(entries), refusals }
  }

  const pathOf = (id: string) => paths.get(id) ?? ''
  return {
    scan,
    pathOf,
    read(id) {
      const path = pathOf(id)
      if (path === '') throw new ProfviewError('IO', 'this profile is no longer there')
      return read(path)
    },
    single() {
      if (inputs.length !== 1 || isDirectory(inputs[0]!)) return ''
      return scan().entries[0]?.id ?? ''
    },
  }
}

/** One line for people. The file's name stands beside it already. */
export function reasonOf(error: unknown): string {
  const named = error instanceof ProfviewError && error.cause instanceof ProfviewError
  const fact = named ? error.cause : error
  return printableReason(fact)
}

// --- internal ---

/** Time for looking into unknown files during one scan; the rest waits for the next. */
const READING_BUDGET_MS = 200

interface Found {
  readonly path: string
  readonly file: string
  readonly bytes: number
  readonly modifiedMs: number
  readonly meta: IndexEntry['meta']
  /** Named by the user rather than found in a directory: looked into whatever it costs. */
  readonly named: boolean
}

/** What reading a file told, kept until the file changes. */
interface Reading {
  readonly version: string
  readonly facts: Pick<IndexEntry, 'meta' | 'weight' | 'unit'> | string
}

type Read = (path: string) => Profile

/** Remembers the latest profile, since it is looked into first and then opened. */
function createReader(inputs: readonly string[], limits: ReadLimits): Read {
  // The standard input can be read only once.
  const stdin = inputs.includes('-') ? readProfileFile('-', limits) : null
  let latest: { path: string; version: string; profile: Profile } | null = null
  return (path) => {
    if (path === '-' && stdin) return stdin
    const { size, mtimeMs } = statSync(path)
    const version = `${size} ${mtimeMs}`
    if (latest?.path !== path || latest.version !== version) {
      latest = null
      latest = { path, version, profile: readProfileFile(path, limits) }
    }
    return latest.profile
  }
}

function* filesOf(
  input: string,
  onSkip: (path: string, reason: string) => void,
  known: KnownDumps,
): Generator<Found> {
  if (input === '-') {
    yield named('-', 'standard input', { size: 0, mtimeMs: 0 })
    return
  }
  if (!isDirectory(input)) {
    const path = realpathSync(input)
    const stat = statSync(path)
    if (!stat.isFile()) throw new ProfviewError('IO', 'is not a regular file')
    yield named(path, basename(input), stat)
    return
  }
  const { dumps, foreign } = listProfiles(realpathSync(input), onSkip, known)
  for (const { file, meta, bytes, mtimeMs } of dumps) {
    yield { path: file, file: basename(file), bytes, modifiedMs: mtimeMs, meta, named: false }
  }
  for (const { file, bytes, mtimeMs } of foreign) {
    yield { path: file, file: basename(file), bytes, modifiedMs: mtimeMs, meta: null, named: false }
  }
}

function named(path: string, file: string, stat: { size: number; mtimeMs: number }): Found {
  return { path, file, bytes: stat.size, modifiedMs: stat.mtimeMs, meta: null, named: true }
}

function describe(
  file: Found,
  readings: Map<string, Reading>,
  deadline: number,
  read: Read,
): Omit<IndexEntry, 'id'> | Refusal {
  const { path, named, ...shown } = file
  if (file.meta) {
    return { ...shown, weight: file.meta.durationMicros, unit: 'microseconds' }
  }
  const version = `${file.bytes} ${file.modifiedMs}`
  let reading = readings.get(path)
  if (reading?.version !== version) {
    if (!named && performance.now() > deadline) return { ...shown, weight: null, unit: null }
    reading = { version, facts: lookInto(path, read) }
    readings.set(path, reading)
  }
  if (typeof reading.facts === 'string') return { file: file.file, reason: reading.facts }
  return { ...shown, ...reading.facts }
}

function lookInto(path: string, read: Read): Reading['facts'] {
  try {
    return entryFacts(read(path))
  } catch (error) {
    return reasonOf(error)
  }
}

/** Of a dump its own, as everywhere; of a copy of it, and of what has none, one of its path. */
function idOf(path: string, meta: IndexEntry['meta'], taken: ReadonlyMap<string, string>): string {
  const own = meta?.id ?? ''
  if (AN_ID.test(own) && !taken.has(own)) return own
  return createHash('sha256').update(path).digest('base64url').slice(0, 10)
}

const AN_ID = /^[0-9a-f]{8,32}$/

function timeOf(entry: IndexEntry): number {
  return entry.meta ? Date.parse(entry.meta.startedAt) : entry.modifiedMs
}
