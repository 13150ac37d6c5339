import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ioError } from './atomic-write.js'

/**
 * Makes a private directory, and private ones above it as far as they are missing. Throws `IO`
 * after two attempts for each part of the path: Node's own `recursive` asks for ever where a path
 * cannot be made although what is above it is there (in a working directory that was removed, or in
 * `/proc`).
 */
export function makeDirectory(dir: string): void {
  try {
    const missing: string[] = []
    for (let at = dir; !isMade(at); at = dirname(at)) {
      missing.push(at)
      // Nothing is above it.
      if (dirname(at) === at) break
    }
    for (const path of missing.reverse()) make(path)
  } catch (error) {
    throw ioError('cannot make', dir, error)
  }
}

// --- internal ---

/** False: something above it is missing. */
function isMade(path: string): boolean {
  try {
    make(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}

/** Another process may be first. */
function make(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // What systems say of a directory that is there is not always `EEXIST`: of a root it is not.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}
