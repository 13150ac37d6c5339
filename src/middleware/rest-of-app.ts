import type { Handling } from '../recorder/handling.js'
import type { IncomingRequest, OutgoingResponse } from '../recorder/request.js'

/**
 * Goes on with the rest of an app that is a promise, and settles as it does: with that very promise
 * where the app goes on at once, so that nothing comes later than it would without us.
 */
export function restOfApp(
  requests: Handling,
  request: IncomingRequest,
  response: OutgoingResponse,
  next: () => Promise<unknown>,
): Promise<unknown> {
  let rest: Promise<unknown> | null = null
  let settle: ((rest: Promise<unknown>) => void) | null = null
  requests.handle(request, response, () => {
    if (settle === null) rest = next()
    // The gate has been asked meanwhile: what is thrown now would be nobody's.
    else settle(new Promise((resolve) => resolve(next())))
  })
  return (
    rest ??
    new Promise((resolve) => {
      settle = resolve
    })
  )
}
