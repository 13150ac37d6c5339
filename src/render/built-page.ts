import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ProfviewError } from '../errors.js'

/** The page as it was built: its HTML, and the three files that it loads. */
export interface BuiltPage {
  readonly html: string
  readonly script: Loaded
  readonly style: Loaded
  readonly icon: Loaded
}

/** A file, and the element that loads it. */
export interface Loaded {
  readonly tag: string
  readonly text: string
}

/** Reads the package's own page, or another build of it. Throws `IO` if there is none. */
export function readBuiltPage(directory = pageDirectory()): BuiltPage {
  try {
    const html = readFileSync(join(directory, 'index.html'), 'utf8')
    const load = (pattern: RegExp): Loaded => {
      const [tag, address] = pattern.exec(html)!
      return { tag, text: readFileSync(join(directory, address!), 'utf8') }
    }
    return {
      html,
      script: load(/<script [^>]*src="([^"]+)"><\/script>/),
      style: load(/<link rel="stylesheet" [^>]*href="([^"]+)">/),
      icon: load(/<link rel="icon" href="([^"]+)"[^>]*>/),
    }
  } catch (error) {
    const reason = 'the page has not been built: npm run build'
    throw new ProfviewError('IO', reason, { path: directory, cause: error })
  }
}

/** Our page's build: beside this room once compiled, in `dist/` while the sources run. */
export function pageDirectory(): string {
  const beside = fileURLToPath(new URL('../viewer/', import.meta.url))
  const built = fileURLToPath(new URL('../../dist/viewer/', import.meta.url))
  return lstatSync(beside, { throwIfNoEntry: false })?.isDirectory() ? beside : built
}
