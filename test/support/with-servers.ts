/** Tests with databases of their own. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  MARIADB,
  POSTGRES,
  REDIS,
  startMariadb,
  startPostgres,
  startRedis,
} from './databases.js'

const SERVERS = {
  postgres: { path: POSTGRES, start: startPostgres },
  mariadb: { path: MARIADB, start: startMariadb },
  redis: { path: REDIS, start: startRedis },
}

export interface Server {
  readonly name: keyof typeof SERVERS
  /** Where it is, while the tests run. */
  port(): number
  readonly cases: readonly string[]
}

/** The tests with each server that has cases; skipped where this machine has no such server. */
export function withServers(
  casesOf: Partial<Record<Server['name'], readonly string[]>>,
  tests: (server: Server) => void,
): void {
  const servers = Object.entries(casesOf) as [Server['name'], readonly string[]][]
  describe.each(servers)('%s', (name, cases) => {
    const { path, start } = SERVERS[name]
    if (path === null) {
      test.skip(`no ${name} on this machine`)
      return
    }
    let database: Database
    beforeAll(async () => {
      database = await start()
    })
    afterAll(() => database.stop())
    tests({ name, port: () => database.port, cases })
  })
}
