import { ProfviewError } from '../errors.js'
import { zlib } from './lazy-node-modules.js'

/**
 * Profiles compress ten to fifty times; half a gigabyte of one would come from a file of at least
 * ten megabytes.
 */
const DEFAULT_LIMIT = 512 * 1024 * 1024

/**
 * Unpacks one gzip member that is exactly as long as `bytes`. Checks what Node forgives: bytes
 * behind the end and a second member. Throws `BAD_INPUT`, or `TOO_LARGE` as soon as the output
 * passes the limit.
 */
export function inflate(bytes: Uint8Array, limit = DEFAULT_LIMIT): Uint8Array {
  const { buffer, engine } = unpack(bytes, limit)
  if (engine.bytesWritten < bytes.length) {
    const extra = bytes.length - engine.bytesWritten
    throw new ProfviewError('BAD_INPUT', `damaged gzip: ${extra} bytes after its end`)
  }
  // The last four bytes are the length of the last member alone.
  const claimed = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true)
  if (claimed !== buffer.length % 2 ** 32) {
    throw new ProfviewError(
      'BAD_INPUT',
      'several gzip files in one; unpack and read them one by one',
    )
  }
  return buffer
}

// --- internal ---

/** With `info`, which the type declarations do not know, zlib tells how many bytes it used. */
type UnpackWithInfo = (
  bytes: Uint8Array,
  options: { info: true; maxOutputLength: number; chunkSize: number },
) => { buffer: Uint8Array; engine: { bytesWritten: number } }

function unpack(bytes: Uint8Array, limit: number) {
  try {
    const options = { info: true, maxOutputLength: limit, chunkSize: 256 * 1024 } as const
    return (zlib().gunzipSync as unknown as UnpackWithInfo)(bytes, options)
  } catch (error) {
    throw reasonOf(error, bytes.length, limit)
  }
}

function reasonOf(error: unknown, packed: number, limit: number): ProfviewError {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    const fact = `unpacks to more than ${limit} bytes (from ${packed}); refused`
    return new ProfviewError('TOO_LARGE', fact, { cause: error })
  }
  const reason = code === 'Z_BUF_ERROR' ? 'cut short' : (REASONS.get(message) ?? message)
  return new ProfviewError('BAD_INPUT', `damaged gzip: ${reason}`, { cause: error })
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
