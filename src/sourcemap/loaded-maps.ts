/** What Node itself knows of code that was compiled while it was loaded. */
import { readFileSync, statSync } from 'node:fs'
import { findSourceMap, type SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import { frameKind } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'

/**
 * The source maps of a thread's code that no file has: of tsx, and of other loaders under
 * `--enable-source-maps`. A compiled file that is still the one that ran is left as it is: whoever
 * reads the dump has more of it.
 */
export class LoadedMaps {
  readonly #startedMs = Date.now() - process.uptime() * 1000
  readonly #maps = new Map<string, SourceMap | null>()

  /**
   * Where a function was written, with the frame as `generated`; the frame itself where no map
   * leads anywhere. Never throws. The first time for a file takes 1 ms for each 5 kB of its text
   * (Node decodes the map), every other time about a microsecond.
   */
  of(frame: Frame): Frame {
    if (!process.sourceMapsEnabled || frame.line === 0 || frameKind(frame) !== 'app') return frame
    try {
      const map = this.#mapOf(frame.file)
      return (map && original(frame, map)) ?? frame
    } catch {
      // Somebody else's map.
      return frame
    }
  }

  // --- internal ---

  #mapOf(file: string): SourceMap | null {
    let map = this.#maps.get(file)
    if (map === undefined) {
      if (this.#maps.size >= MOST_FILES) this.#maps.clear()
      this.#maps.set(file, null)
      map = this.#isCompiled(file) ? null : nodesMap(file)
      this.#maps.set(file, map)
    }
    return map
  }

  /** Is the file itself what ran? */
  #isCompiled(file: string): boolean {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats === undefined) return false
    if (stats.size > LARGEST) return true
    if (stats.mtimeMs > this.#startedMs) return false
    const text = readFileSync(file, 'utf8')
    const at = text.lastIndexOf('//# sourceMappingURL=')
    return at !== -1 && !text.slice(at).trimEnd().includes('\n')
  }
}

// --- internal ---

/** Texts that are new each time have names that are, too. */
const MOST_FILES = 10_000
/** Decoding the map of a larger one would hold up the loop for more than 50 ms. */
const LARGEST = 256 * 1024
/** What compilers write between a mapped place and the function: `__name(async function`. */
const FARTHEST = 64

function nodesMap(file: string): SourceMap | null {
  return findSourceMap(file) ?? findSourceMap(`file://${encodeURI(file)}`) ?? null
}

function original(generated: Frame, map: SourceMap): Frame | null {
  const { name, line, column } = generated
  if (line === 1 && column === 1) {
    const [only, ...others] = map.payload.sources
    const file = others.length === 0 ? pathOf(only) : ''
    return file === '' ? null : { name, file, line, column, generated }
  }
  const entry = map.findEntry(line - 1, column - 1)
  if (!('originalSource' in entry) || entry.generatedLine !== line - 1) return null
  const file = pathOf(entry.originalSource)
  if (file === '' || column - 1 - entry.generatedColumn > FARTHEST) return null
  const place = { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  return { name, file, ...place, generated }
}

/** '' where a source is no file. */
function pathOf(source: string | undefined): string {
  return source?.startsWith('file://') ? fileURLToPath(source) : ''
}
