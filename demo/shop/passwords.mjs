import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)

/** Runs in the thread pool: the request waits, the loop does not. */
export async function verifyPassword(user, password) {
  const { salt, hash } = user.login
  const derived = await derive(password, salt, 60_000, 32, 'sha256')
  return timingSafeEqual(derived, Buffer.from(hash, 'hex'))
}
