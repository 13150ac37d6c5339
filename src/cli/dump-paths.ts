/**
 * What a path of the command line may be besides a path: the id of a dump, or its beginning. And
 * where dumps are, if nobody says.
 */
import { basename, dirname } from 'node:path'
import { codeOf, ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import { titleOf } from '../profile/labels.js'
import { counted, moment } from '../render/measure.js'
import { type DumpEntry, listDumps } from '../store/dump-list.js'
import { parseDumpName } from '../store/dump-name.js'
import { statOf } from '../store/path-stat.js'
import type { Io } from './output.js'

/** Where an app of this environment writes its dumps. */
export function defaultDir({ env }: Io): string {
  return env.PROFVIEW_DIR || 'profiles'
}

/** The paths, or where dumps are. */
export function pathsOr(paths: readonly string[], io: Io): readonly string[] {
  return paths.length > 0 ? paths : [defaultDir(io)]
}

/** An id, or its beginning. */
export function mayBeId(name: string): boolean {
  return AN_ID.test(name)
}

/**
 * The path itself where something is; else, of an id's beginning, the dump with that id, of the
 * directory that stands before it or of the default one. What may be neither stays what it is: who
 * opens it is told why. Throws `BAD_INPUT` where none has such an id, or several.
 *
 *     3311fd              profiles/20261120T140102.123Z-4711-0-3-3311fd02c4a95b17.cpuprofile
 *     /srv/dumps/3311fd   the same of that directory
 */
export function dumpPath(path: string, io: Io): string {
  const prefix = basename(path).toLowerCase()
  const isOne = mayBeId(prefix) && path.toLowerCase().endsWith(prefix)
  if (!isOne || statOf(path) !== null) return path
  // By its own name only what has no other name before it is looked for where dumps are.
  const dir = path === basename(path) ? defaultDir(io) : dirname(path)
  const found = beginningWith(prefix, dir, path)
  if (found.length === 1) return found[0]!.file
  const fact =
    found.length === 0
      ? `no such file, and no dump in ${dir} has an id that begins so`
      : `${counted(found.length, 'dump')} in ${dir} have ids that begin so: ${namesOf(found)}`
  throw new ProfviewError('BAD_INPUT', printable(`${path}: ${fact}`), { path })
}

// --- internal ---

/** Of version 1 ids have 32 digits. */
const AN_ID = /^[0-9a-f]{4,32}$/i
const MOST_NAMED = 8

function beginningWith(prefix: string, dir: string, path: string): DumpEntry[] {
  try {
    return listDumps(dir).filter(
      ({ file, meta }) =>
        meta.id.startsWith(prefix) || parseDumpName(basename(file))?.id.startsWith(prefix),
    )
  } catch (error) {
    const isGone = codeOf((error as Error).cause) === 'ENOENT'
    if (!isGone) throw error
    const fact = `no such file, and there is no directory ${dir} to look for an id in`
    throw new ProfviewError('BAD_INPUT', printable(`${path}: ${fact}`), { path })
  }
}

/** `3311fd02c4a95b17 (GET /hello, 2026-11-20 14:01:02 UTC), …` */
function namesOf(found: readonly DumpEntry[]): string {
  const names = found
    .slice(0, MOST_NAMED)
    .map(({ meta }) => `${meta.id} (${[titleOf(meta), moment(meta.startedAt)].join(', ')})`)
  return [...names, ...(found.length > MOST_NAMED ? ['...'] : [])].join(', ')
}
