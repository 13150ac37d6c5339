import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const gzipAsync = promisify(gzip)

/** The body, for clients that take gzip; ours all do. */
export async function compress(text) {
  return gzipAsync(text, { level: 9 })
}
