/** Two lists of paths in one command line: `diff <before…> -- <after…>`. */
import { ProfviewError } from '../errors.js'

/**
 * The arguments with a mark that is no path in place of the first `--`, which elsewhere ends the
 * options and is forgotten: here options may stand on either side of it.
 */
export function markSides(argv: readonly string[]): string[] {
  const at = argv.indexOf('--')
  return at === -1 ? [...argv] : argv.with(at, MARK)
}

/**
 * The paths before and behind the mark. Throws `BAD_OPTION` if there is none, or nothing on a side.
 */
export function sidesOf(paths: readonly string[]): { before: string[]; after: string[] } {
  const at = paths.indexOf(MARK)
  if (at === -1) fail('nothing to compare with; put -- between the two sides')
  if (at === 0) fail('no paths before --')
  if (at === paths.length - 1) fail('no paths after --')
  return { before: paths.slice(0, at), after: paths.slice(at + 1) }
}

// --- internal ---

/** No path holds this character. */
const MARK = '\0'

function fail(fact: string): never {
  const usage = 'profview diff <before...> -- <after...>'
  throw new ProfviewError('BAD_OPTION', `${fact}: ${usage}`, { path: '--' })
}
