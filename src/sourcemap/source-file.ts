import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crypto } from '../store/lazy-node-modules.js'
import { readInput } from '../store/read-input.js'

/** A file with the text of a program. */
export interface SourceFile {
  readonly bytes: Uint8Array
  readonly mtimeMs: number
}

/** More than any text that people or compilers write. */
export const LARGEST_SOURCE = 32 * 1024 * 1024

/** Reads a regular file that is named like a program's text; null for any other. Never throws. */
export function readSourceFile(path: string, limit = LARGEST_SOURCE): SourceFile | null {
  if (!isSourceName(path)) return null
  try {
    const { mtimeMs } = statSync(path)
    return { bytes: readInput(path, limit), mtimeMs }
  } catch {
    return null
  }
}

/**
 * The path of a frame's file on this machine; '' for URLs of other kinds, Node's modules and
 * relative names.
 */
export function pathOfFile(file: string): string {
  if (file.startsWith('file://')) {
    try {
      return fileURLToPath(file)
    } catch {
      return ''
    }
  }
  const path = process.platform === 'win32' ? file.replace(/^\/(?=[A-Za-z]:)/, '') : file
  return isAbsolute(path) ? path : ''
}

export function isSourceName(path: string): boolean {
  return SOURCE_NAME.test(path)
}

/** How dumps tell one text from another. */
export function hashOf(bytes: Uint8Array): string {
  return crypto().createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

// --- internal ---

const SOURCE_NAME = /\.([cm]?[jt]sx?|vue|svelte|astro|coffee|civet|res|elm)$/i
