import { ProfviewError } from '../errors.js'
import { currentBudget } from '../profile/budget.js'
import { zlib } from './lazy-node-modules.js'

/**
 * Unpacks one gzip member that is exactly as long as `bytes`. Checks what Node forgives: bytes
 * behind the end and a second member. Throws `BAD_INPUT`, or `TOO_LARGE` before there is more
 * output than the budget has room for.
 */
export function inflate(bytes: Uint8Array): Uint8Array {
  // The last four bytes are the length of the last member alone.
  const end = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const claimed = bytes.length < SHORTEST ? 0 : end.getUint32(bytes.length - 4, true)
  const room = currentBudget()?.roomFor(bytes.length) ?? Number.POSITIVE_INFINITY
  const { buffer, engine } = unpack(bytes, Math.min(claimed, room), claimed)
  currentBudget()?.takeUnpacked(bytes.length, buffer.length)
  if (engine.bytesWritten < bytes.length) {
    const extra = bytes.length - engine.bytesWritten
    throw new ProfviewError('BAD_INPUT', `damaged gzip: ${extra} bytes after its end`)
  }
  if (claimed !== buffer.length) throw several()
  return buffer
}

// --- internal ---

/** A header of ten bytes, an empty block, a sum and a length. */
const SHORTEST = 20

/** With `info`, which the type declarations do not know, zlib tells how many bytes it used. */
type UnpackWithInfo = (
  bytes: Uint8Array,
  options: { info: true; maxOutputLength: number; chunkSize: number },
) => { buffer: Uint8Array; engine: { bytesWritten: number } }

/** Into one piece, as long as its end says: the pieces of a longer one would be copied together. */
function unpack(bytes: Uint8Array, length: number, claimed: number) {
  const most = Math.max(1, Math.floor(length))
  try {
    const options = { info: true, maxOutputLength: most, chunkSize: Math.max(64, most) } as const
    return (zlib().gunzipSync as unknown as UnpackWithInfo)(bytes, options)
  } catch (error) {
    // Of a file that is cut, its end may say anything: only now it is known to be that long.
    if (isTooLong(error) && length < claimed) {
      currentBudget()?.takeUnpacked(bytes.length, claimed)
    }
    throw reasonOf(error)
  }
}

function reasonOf(error: unknown): ProfviewError {
  const { code, message } = error as NodeJS.ErrnoException
  if (isTooLong(error)) return several()
  const reason = code === 'Z_BUF_ERROR' ? 'cut short' : (REASONS.get(message) ?? message)
  return new ProfviewError('BAD_INPUT', `damaged gzip: ${reason}`, { cause: error })
}

function isTooLong(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
}

/** There is more, or less, than its end says. */
function several(): ProfviewError {
  const fact = 'damaged gzip: cut, or more behind its end; of several in one, read each by itself'
  return new ProfviewError('BAD_INPUT', fact)
}

/**
 * zlib's words for damage. That the file starts like gzip is known, so a bad header is a second
 * one.
 */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['incorrect data check', 'the checksum is wrong'],
  ['incorrect length check', 'the length is wrong'],
  ['incorrect header check', 'foreign bytes after its end'],
])
