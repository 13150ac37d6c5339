import { clearTimeout, setImmediate, setTimeout } from 'node:timers'

/** What has not answered by then is not waited for any longer, ms. */
export const PATIENCE_MS = 2000

export const LATE = Symbol('no answer')

/**
 * What a promise, or anything like one, resolves to, or `LATE`. Without us the request would not
 * wait at all: so never for long.
 */
export async function inTime(answer: object, patienceMs = PATIENCE_MS): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    // Where the loop was busy, the answer may be there and has only not been looked at.
    timer = setTimeout(() => setImmediate(resolve, LATE), patienceMs).unref()
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
