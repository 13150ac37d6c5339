/**
 * What a profiled response tells the client, and when it has ended.
 */
import type { Trigger } from './gate.js'
import type { IncomingRequest, OutgoingResponse } from './request.js'

/** The accounts as far as they are known, ms. */
export type LedgerSoFar = Readonly<Record<string, number>>

/**
 * Adds `X-Profile-Id`, and at the last moment `Server-Timing` and, for a query trigger, `Cache-Control: no-store`.
 * Body and status stay as they are.
 */
export function markResponse(
  response: OutgoingResponse,
  id: string,
  trigger: Trigger,
  ledger: () => LedgerSoFar | null,
): void {
  if (response.headersSent) return
  response.setHeader('X-Profile-Id', id)
  const writeHead = response.writeHead
  response.writeHead = function (this: OutgoingResponse, ...args: unknown[]) {
    response.writeHead = writeHead
    try {
      if (!response.headersSent) addLateHeaders(response, trigger, ledger(), args)
    } catch {
      // The app's own headers go out as they are.
    }
    return (writeHead as (...args: unknown[]) => OutgoingResponse).apply(this, args)
  } as typeof writeHead
}

/**
 * Calls `done` once, when the response has been handed over completely or will never be. A pipelined request whose
 * connection dies while it waits tells only the request of it on Node 20 (hazard E4), hence both.
 */
export function onEnd(
  request: IncomingRequest,
  response: OutgoingResponse,
  done: (aborted: boolean) => void,
): () => void {
  const finish = () => end(false)
  const close = () => end(!response.writableFinished)
  function end(aborted: boolean) {
    stop()
    done(aborted)
  }
  function stop() {
    response.removeListener('finish', finish)
    response.removeListener('close', close)
    request.removeListener('close', close)
  }
  response.on('finish', finish)
  response.on('close', close)
  request.on('close', close)
  return stop
}

// --- internal ---

function addLateHeaders(
  response: OutgoingResponse,
  trigger: Trigger,
  ledger: LedgerSoFar | null,
  args: unknown[],
): void {
  if (ledger !== null) {
    const timing = Object.entries(ledger).map(([account, ms]) => `${account};dur=${ms.toFixed(1)}`)
    response.appendHeader('Server-Timing', timing.join(', '))
  }
  if (trigger !== 'query') return
  response.setHeader('Cache-Control', 'no-store')
  const headers = args.at(-1)
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return
  args[args.length - 1] = Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'cache-control'),
  )
}
