import type { ServerResponse } from 'node:http'
import { apply, MethodPatch } from './async/method-patch.js'

/** `done` is told before the last bytes of any answer of HTTP/1 are written. */
export function stampAnswers(done: (response: ServerResponse) => void): void {
  const { ServerResponse } = process.getBuiltinModule('node:http')
  const patch = new MethodPatch(
    ServerResponse.prototype,
    'end',
    (original) =>
      function end(...args) {
        try {
          if (writesLast(this as ServerResponse, args[0])) done(this as ServerResponse)
        } catch {
          // Nothing is known of it, then.
        }
        return apply(original, this, args)
      },
  )
  patch.install()
}

// --- internal ---

/** Where all that was announced has been written before, the client may know the end already. */
function writesLast(response: ServerResponse, chunk: unknown): boolean {
  if (response.writableEnded) return false
  if (!response.headersSent || response.chunkedEncoding) return true
  return (typeof chunk === 'string' || chunk instanceof Uint8Array) && chunk.length > 0
}
