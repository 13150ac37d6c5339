import { type Detection, hasExtension } from '../format.js'
import type { ByteSource } from './byte-window.js'
import { PROFVIEW_KEY } from './dump-meta.js'
import { JsonScanner } from './json-scanner.js'

/** Which format a JSON object is of; '' if nothing in it says so. */
export type JsonFormat = 'cpuprofile' | 'speedscope' | 'chrome-trace' | ''

/**
 * What the first keys at the top level say; null if the bytes are no JSON object at all. A file
 * that breaks off counts as far as it goes. Never throws.
 */
export function sniffJson(bytes: Uint8Array): JsonFormat | null {
  try {
    return jsonFormatOf(bytes)
  } catch {
    return ''
  }
}

/** The same for a file of any length. Throws `BAD_INPUT` where it is broken before such a key. */
export function jsonFormatOf(from: Uint8Array | ByteSource): JsonFormat | null {
  const scanner = new JsonScanner(from)
  return scanner.whole(() => scanner.atObject()) ? formatIn(scanner, 0) : null
}

/** The answer of a format that is JSON. */
export function detectJson(
  bytes: Uint8Array,
  fileName: string,
  format: JsonFormat,
  extensions: readonly string[],
): Detection {
  const found = sniffJson(bytes)
  if (found === format) return 'yes'
  return found !== null && hasExtension(fileName, extensions) ? 'maybe' : 'no'
}

/**
 * What the inspector's `Profiler.stop` answers: `{ "id": 1, "result": { "profile": … } }`, or what
 * a program has kept of it.
 */
export function isReply(key: string): boolean {
  return key === 'profile' || key === 'result'
}

// --- internal ---

/** Replies are not deeper. */
const MOST_DEPTH = 2

function formatIn(scanner: JsonScanner, depth: number): JsonFormat {
  const key = () => scanner.key()
  const next = () => scanner.nextMember()
  const atObject = () => scanner.atObject()
  if (!scanner.whole(() => scanner.enter())) return ''
  do {
    const name = scanner.whole(key)
    const format = FORMAT_OF_KEY.get(name)
    if (format !== undefined) return format
    if (depth < MOST_DEPTH && isReply(name) && scanner.whole(atObject)) {
      const found = formatIn(scanner, depth + 1)
      if (found !== '') return found
    } else scanner.skipLong()
  } while (scanner.whole(next))
  return ''
}

const FORMAT_OF_KEY: ReadonlyMap<string, JsonFormat> = new Map([
  [PROFVIEW_KEY, 'cpuprofile'],
  ['nodes', 'cpuprofile'],
  ['head', 'cpuprofile'],
  ['timeDeltas', 'cpuprofile'],
  ['profiles', 'speedscope'],
  ['traceEvents', 'chrome-trace'],
  ['stackFrames', 'chrome-trace'],
])
