import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { ProfviewError } from '../errors.js'

/** A file of a build, in memory. */
export interface Asset {
  readonly bytes: Buffer
  readonly type: string
}

/** Files by their path below the build's directory, `/` as the separator. */
export type Assets = ReadonlyMap<string, Asset>

/**
 * Reads a build once; afterwards a URL can only name what is in the map. Throws `IO` if there is
 * none.
 */
export function readAssets(directory: string): Assets {
  if (!isDirectory(directory)) {
    throw new ProfviewError('IO', 'the page has not been built: npm run build', { path: directory })
  }
  const assets = new Map<string, Asset>()
  const queue = ['']
  for (let below = queue.pop(); below !== undefined; below = queue.pop()) {
    for (const name of readdirSync(join(directory, below))) {
      const path = below === '' ? name : `${below}/${name}`
      const stat = lstatSync(join(directory, path))
      const type = TYPES.get(extname(name))
      if (stat.isDirectory()) queue.push(path)
      else if (stat.isFile() && type) {
        assets.set(path, { bytes: readFileSync(join(directory, path)), type })
      }
    }
  }
  return assets
}

/** speedscope's own build, from its package. */
export function speedscopeDirectory(): string {
  const require = createRequire(import.meta.url)
  return join(dirname(require.resolve('speedscope/package.json')), 'dist', 'release')
}

// --- internal ---

/** What is not in here is not served: source maps, licences, examples. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
])

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
