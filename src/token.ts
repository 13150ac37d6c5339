/**
 * Signed triggers: made by the command line, read by the gate.
 *
 *     v1.<expiry>.<nonce>.<signature>
 *
 * `expiry`: epoch ms, 13 digits; `nonce`: 22 random characters of base64url; `signature`:
 * HMAC-SHA256 by the secret, in base64url, over these lines, joined with `\n`: `v1`, the method,
 * the path as it is sent (up to the query, nothing decoded), the expiry, the nonce.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What one token is good for. */
export interface SignedRequest {
  readonly method: string
  /** As in the first line of the request, without its query. */
  readonly path: string
}

/** A token of a secret of ours, for this request, at this time. */
export interface ValidToken {
  /** What it must not be used twice by. */
  readonly nonce: string
  /** Epoch ms. */
  readonly expiry: number
}

/** Why a token is none: another form; its time; another secret, method or path. */
export type TokenFault = 'form' | 'expired' | 'lifetime' | 'signature'

/** No token is valid for longer, ms: its nonce has to be remembered until then. */
export const LONGEST_LIFE_MS = 300_000

/** How far the clock of who signs may be ahead, ms. Where it is behind, the life is shorter. */
export const CLOCK_SKEW_MS = 30_000

/** A shorter key could be guessed from one token. */
export const SECRET_BYTES = 32

/**
 * The secrets of `secret` or `PROFVIEW_SECRET`: one, or two with a comma in between, the new one
 * first, while they are being exchanged. Null where one is too short, or there are more.
 */
export function secretsIn(text: string): readonly string[] | null {
  const secrets = text.split(',').map((secret) => secret.trim())
  const areLong = secrets.every((secret) => Buffer.byteLength(secret) >= SECRET_BYTES)
  return areLong && secrets.length <= 2 ? secrets : null
}

/** `expiry`: epoch ms, a whole number. */
export function signToken(
  secret: string,
  request: SignedRequest,
  expiry: number,
  nonce: string = randomBytes(16).toString('base64url'),
): string {
  return `v1.${expiry}.${nonce}.${signatureOf(secret, request, String(expiry), nonce)}`
}

/** Its length is looked at before anything else. Never throws. */
export function readToken(
  text: string,
  secrets: readonly string[],
  request: SignedRequest,
  now: number = Date.now(),
): ValidToken | TokenFault {
  const [, expiry, nonce, signature] = (text.length === LENGTH && FORM.exec(text)) || []
  if (expiry === undefined || nonce === undefined || signature === undefined) return 'form'
  const left = Number(expiry) - now
  if (!(left > 0)) return 'expired'
  if (left > LONGEST_LIFE_MS + CLOCK_SKEW_MS) return 'lifetime'
  let isSigned = false
  // All of them, also after one that fits: time shall tell nothing.
  for (const secret of secrets) {
    const wanted = signatureOf(secret, request, expiry, nonce)
    if (timingSafeEqual(Buffer.from(signature), Buffer.from(wanted))) isSigned = true
  }
  return isSigned ? { nonce, expiry: Number(expiry) } : 'signature'
}

// --- internal ---

/** ASCII only: as many bytes as characters. */
const FORM = /^v1\.(\d{13})\.([\w-]{22})\.([\w-]{43})$/
const LENGTH = 'v1.'.length + 13 + 1 + 22 + 1 + 43

/** Compared as text: its last character has bits that are none of the 256. */
function signatureOf(
  secret: string,
  { method, path }: SignedRequest,
  expiry: string,
  nonce: string,
): string {
  const signed = ['v1', method, path, expiry, nonce].join('\n')
  return createHmac('sha256', secret).update(signed).digest('base64url')
}
