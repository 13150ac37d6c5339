import { basename, dirname, join } from 'node:path'
import { printable } from '../printable.js'
import type { DumpMeta } from '../profile/profile.js'

/**
 * What a developer is told of a profiled request, to be copied from any directory:
 * `profview: GET /hello 271 ms · npx profview show /srv/app/profiles/3311fd`.
 */
export function doneLine({ id, request, durationMicros }: DumpMeta, file: string): string {
  const what = printable(`${request?.method ?? ''} ${request?.route ?? ''}`.trim())
  const ms = durationMicros / 1000
  const took = `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
  return `profview: ${what} ${took} · npx profview show ${pathTo(id, file)}`
}

// --- internal ---

/** Of a thousand dumps, one in seventeen thousand has another that begins alike. */
const SHOWN_DIGITS = 6

/** By the id's beginning, or where the name does not have it, the whole path. */
function pathTo(id: string, file: string): string {
  const isInName = basename(file).endsWith(`-${id}.cpuprofile`)
  return quoted(isInName ? join(dirname(file), id.slice(0, SHOWN_DIGITS)) : file)
}

/** For a shell, where it would read more than a name in it. */
function quoted(path: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(path)) return path
  if (process.platform === 'win32') return `"${path}"`
  return `'${path.replaceAll("'", "'\\''")}'`
}
