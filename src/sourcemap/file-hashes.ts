import { statSync } from 'node:fs'
import { frameKind } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import { hashOf, isSourceName, pathOfFile, readSourceFile } from './source-file.js'

/**
 * The hashes of the app's files that a profile names, for its dump. A file that was written after
 * the process started is left out: what runs may be the text before. Each file is read once, and
 * looked at once a second.
 */
export class FileHashes {
  readonly #startedMs: number
  readonly #known = new Map<string, Known>()

  /** `startedMs`: when the profiled process was started; default: this one. */
  constructor(startedMs = Date.now() - process.uptime() * 1000) {
    this.#startedMs = startedMs
  }

  /** By the files' names in the frames. Never throws. */
  of(frames: readonly Frame[]): Record<string, string> {
    const hashes = new Map<string, string>()
    const seen = new Set<string>()
    for (const frame of frames) {
      if (seen.has(frame.file) || hashes.size === MOST_FILES) continue
      seen.add(frame.file)
      const hash = frameKind(frame) === 'app' ? this.#hash(frame.file) : ''
      if (hash !== '') hashes.set(frame.file, hash)
    }
    // `fromEntries` defines properties, so that a file named `__proto__` is one more file.
    return Object.fromEntries(hashes)
  }

  // --- internal ---

  #hash(file: string): string {
    const path = pathOfFile(file)
    if (!isSourceName(path)) return ''
    const known = this.#known.get(path)
    const now = performance.now()
    if (known !== undefined && now - known.lookedAt < LOOK_EVERY_MS) return known.hash
    const version = versionOf(path)
    if (known === undefined || known.version !== version) {
      if (this.#known.size > MOST_KNOWN) this.#known.clear()
      this.#known.set(path, { version, lookedAt: now, hash: this.#read(path) })
    } else known.lookedAt = now
    return this.#known.get(path)!.hash
  }

  #read(path: string): string {
    const source = readSourceFile(path)
    return source === null || source.mtimeMs > this.#startedMs ? '' : hashOf(source.bytes)
  }
}

// --- internal ---

interface Known {
  readonly version: string
  readonly hash: string
  lookedAt: number
}

const MOST_FILES = 200
const MOST_KNOWN = 5_000
const LOOK_EVERY_MS = 1_000

function versionOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path)
    return `${size} ${mtimeMs}`
  } catch {
    return ''
  }
}
