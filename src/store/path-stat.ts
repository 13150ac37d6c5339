import { type Stats, statSync } from 'node:fs'

/** Null where nothing is, or nobody can know what: who opens the path is told why. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

export function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() === true
}
