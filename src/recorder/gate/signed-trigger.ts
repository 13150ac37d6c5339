/**
 * Signed triggers at the gate. Until a token has proved to be signed and in time, no file is
 * touched for it; then it is claimed in the directory of dumps, so that it opens once for all who
 * share that.
 */
import { codeOf } from '../../errors.js'
import { printableReason } from '../../printable.js'
import { claim } from '../../store/claims.js'
import { readToken, type SignedRequest, type TokenFault, type ValidToken } from '../../token.js'
import { diskAdvice } from '../disk-advice.js'
import { inTime, LATE } from '../in-time.js'
import type { Settings } from '../options.js'
import { outsideRequests } from '../outside-requests.js'
import type { IncomingRequest } from '../request.js'
import { type Refusal, tellRefusal } from './refusals.js'
import { tokensIn } from './trigger.js'

/**
 * False at once for whatever is no token of this request. Else a promise: the request waits for its
 * claim, and nobody else does. Never throws or rejects.
 */
export function opensByToken(
  request: IncomingRequest,
  settings: Settings,
  secrets: readonly string[],
): boolean | Promise<boolean> {
  let refusal: Refusal = 'secret'
  for (const text of tokensIn(request, settings)) {
    const token = readToken(text, secrets, signedOf(request))
    if (typeof token === 'object') return claimOnce(token, settings)
    refusal = OF_FAULT[token]
  }
  tellRefusal(refusal, settings)
  return false
}

// --- internal ---

/** Of this thread, with their expiry: one that comes again costs no look at the disk. */
const used = new Map<string, number>()
/** From so many on, those that have expired are forgotten. */
const MANY_USED = 1000

const OF_FAULT: Readonly<Record<TokenFault, Refusal>> = {
  form: 'token-form',
  expired: 'token-expired',
  lifetime: 'token-lifetime',
  signature: 'token-signature',
}

function signedOf({ method = '', originalUrl, url = '' }: IncomingRequest): SignedRequest {
  return { method, path: (originalUrl ?? url).split('?', 1)[0]! }
}

function claimOnce({ nonce, expiry }: ValidToken, settings: Settings): boolean | Promise<boolean> {
  const key = `${nonce} ${settings.dir}`
  if (used.has(key)) {
    tellRefusal('token-used', settings)
    return false
  }
  if (used.size >= MANY_USED) forgetExpired()
  used.set(key, expiry)
  const judge = (answer: unknown) => {
    if (answer === false) tellRefusal('token-used', settings)
    if (answer === LATE) tellRefusal('claim', settings, ' in time: see that its disk answers')
    return answer === true
  }
  const failed = (error: unknown) => {
    const code = codeOf(error)
    tellRefusal('claim', settings, ` (${code || printableReason(error)}): ${diskAdvice(code)}`)
    return false
  }
  return inTime(outsideRequests(() => claim(settings.dir, nonce))).then(judge, failed)
}

function forgetExpired(): void {
  const now = Date.now()
  for (const [key, expiry] of used) if (expiry <= now) used.delete(key)
}
