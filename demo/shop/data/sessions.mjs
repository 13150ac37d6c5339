import { randomUUID } from 'node:crypto'

/** Begins a session of a user and returns its id. */
export async function saveSession(pool, user) {
  const id = randomUUID()
  await pool.query('insert session', { id, user: user.id })
  return id
}
