import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'

/**
 * The folder whose source texts may be shown: the git checkout that a directory is in, else the
 * package, else the directory itself. Never all of the disk or of somebody's home because of what
 * lies at its top.
 */
export function sourceRootOf(cwd: string): string {
  const start = realpathSync(cwd)
  return nearest(start, '.git') ?? nearest(start, 'package.json') ?? start
}

/** The file's own path, links followed; '' where it is not there or leads out of the root. */
export function pathBelow(root: string, path: string): string {
  try {
    const real = realpathSync(path)
    const below = relative(root, real)
    const isOutside = below === '' || below === '..' || below.startsWith(`..${sep}`)
    return isOutside || join(root, below) !== real ? '' : real
  } catch {
    return ''
  }
}

// --- internal ---

function nearest(start: string, name: string): string | null {
  const home = homedir()
  for (let at = start; at !== home && at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, name))) return at
  }
  return null
}
