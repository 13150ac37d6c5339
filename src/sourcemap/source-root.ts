import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'

/**
 * The folder whose source texts may be shown: the git checkout that a directory is in, else the
 * package, else the directory itself. Never all of the disk or of somebody's home because of what
 * lies at its top.
 */
export function sourceRootOf(cwd: string): string {
  const start = realpathSync(cwd)
  return nearest(start, '.git') ?? nearest(start, 'package.json') ?? start
}

/**
 * The file's own path, links followed; '' where it is not there or leads out of the root. One that
 * is outside by its name is not even looked at: that alone may tell another machine that we are
 * here (`\\\\server\\share`), or have a disk mounted.
 */
export function pathBelow(root: string, path: string): string {
  if (!isBelow(root, resolve(path))) return ''
  try {
    const real = realpathSync(path)
    return isBelow(root, real) ? real : ''
  } catch {
    return ''
  }
}

// --- internal ---

function isBelow(root: string, path: string): boolean {
  const below = relative(root, path)
  const isOutside = below === '' || below === '..' || below.startsWith(`..${sep}`)
  return !isOutside && join(root, below) === path
}

function nearest(start: string, name: string): string | null {
  const home = homedir()
  for (let at = start; at !== home && at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, name))) return at
  }
  return null
}
