import { basename, dirname } from 'node:path'
import { ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import { Budget, memoryFor, withBudget } from '../profile/budget.js'
import type { Profile } from '../profile/profile.js'
import { isDirectory, statOf } from '../store/path-stat.js'
import { listProfiles } from '../store/profile-list.js'
import { mergeProfiles } from '../transform/merge.js'
import { mayBeId } from './dump-paths.js'
import { type InputOptions, InputReader } from './input-reader.js'
import type { Session } from './session.js'

export type { InputOptions } from './input-reader.js'

/**
 * All inputs as one profile: files, the dumps of directories, the standard input. Bad ones are
 * reported and left out, or thrown with `strict`. Null where nothing is left, which has been
 * reported then.
 */
export function readInputs(
  paths: readonly string[],
  options: InputOptions,
  session: Session,
): { profile: Profile; inputs: number } | null {
  const read = combineInputs(paths, options, session, mergeProfiles)
  return read && { profile: read.result, inputs: read.inputs }
}

/**
 * The same for another way of making one thing of all inputs, which are handed over one by one.
 * `keepsApart`: nothing is summed. Throws `BAD_INPUT` where kinds would be summed that never are.
 */
export function combineInputs<Result>(
  paths: readonly string[],
  options: InputOptions,
  session: Session,
  combine: (profiles: Iterable<Profile>) => Result,
  { keepsApart = false } = {},
): { result: Result; inputs: number } | null {
  const reader = new InputReader(options, session, keepsApart)
  const budget = new Budget(options.maxMemory ?? memoryFor(0), 0)
  const result = withBudget(budget, () => combine(reader.read(paths)))
  session.progressDone()
  if (reader.accepted > 0) return { result, inputs: reader.accepted }
  if (reader.readable > 0) session.problem(nothingMatches(options, reader))
  return null
}

/**
 * The paths that can be opened; bad ones are reported and left out. A single file is read as a
 * proof, because there is no use in a viewer that shows nothing. Throws with `strict`.
 */
export function requireReadable(
  paths: readonly string[],
  options: InputOptions,
  session: Session,
): string[] {
  const reader = new InputReader({ ...options, kind: 'all' }, session, true)
  return paths.flatMap((path) => reader.openable(path) ?? [])
}

/**
 * A directory that has nothing in it yet, or is not there yet: who profiles will make it. The name
 * of a file, or an id, is none.
 */
export function isAwaited(path: string): boolean {
  if (statOf(path) === null) return mayBecomeDirectory(path)
  if (!isDirectory(path)) return false
  try {
    const { dumps, foreign } = listProfiles(path, () => {
      throw new ProfviewError('BAD_INPUT', 'something is there')
    })
    return dumps.length === 0 && foreign.length === 0
  } catch {
    return false
  }
}

// --- internal ---

function mayBecomeDirectory(path: string): boolean {
  const name = basename(path)
  const isName = /^[\w-]+$/.test(name) && !mayBeId(name)
  return path !== '-' && isName && isDirectory(dirname(path))
}

function nothingMatches(options: InputOptions, reader: InputReader): ProfviewError {
  const { route, worker, kind } = options
  const [flag, names] =
    route !== undefined
      ? [`--route '${route}'`, reader.routes]
      : worker !== undefined
        ? [`--worker '${worker}'`, reader.workers]
        : [`--kind ${kind}`, reader.kinds]
  const known = [...names].filter((name) => name !== '').sort()
  const there = known.length === 0 ? '' : `; there are: ${known.slice(0, 10).join(', ')}`
  const more = known.length > 10 ? ', ...' : ''
  return new ProfviewError('BAD_INPUT', printable(`nothing matches ${flag}${there}${more}`))
}
