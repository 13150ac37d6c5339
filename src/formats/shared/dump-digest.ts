import { PROFVIEW_KEY } from './dump-meta.js'
import { JsonScanner } from './json-scanner.js'
import { toUtf8 } from './text.js'

/** What a dump says of the bytes behind what it says of itself. */
export interface DumpDigest {
  /** In hexadecimal. */
  readonly sha256: string
  /** Where the digest ends: it is of all bytes from here on. */
  readonly end: number
}

/**
 * The digest in the first bytes of a file; null where there is none: in a foreign or a merged
 * profile, in dumps of earlier versions, and where they are broken, which their reader tells.
 */
export function digestOf(bytes: Uint8Array): DumpDigest | null {
  const text = toUtf8(bytes.subarray(0, FIRST))
  // UTF-16: nobody writes it, and whoever has made it of a dump has changed its bytes.
  if (text.buffer !== bytes.buffer) return null
  const scanner = new JsonScanner(bytes.subarray(text.byteOffset - bytes.byteOffset))
  try {
    if (!scanner.atObject() || !scanner.enter() || scanner.key() !== PROFVIEW_KEY) return null
    if (!scanner.atObject() || !scanner.enter()) return null
    do {
      if (scanner.key() !== 'sha256') scanner.skip()
      else {
        const sha256 = scanner.value()
        const end = scanner.pos + text.byteOffset - bytes.byteOffset
        return typeof sha256 === 'string' ? { sha256, end } : null
      }
    } while (scanner.nextMember())
  } catch {}
  return null
}

// --- internal ---

/** Enough to see a byte order mark. */
const FIRST = 16
