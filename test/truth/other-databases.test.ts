/** Redis and MariaDB, where this machine has them: requests against their own clocks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, MARIADB, REDIS, startMariadb, startRedis } from '../support/databases.js'
import { alone, inACrowd } from './crowd.js'

const SERVERS = [
  { name: 'redis-server', path: REDIS, start: startRedis, workloads: ['ioredis', 'redis'] },
  {
    name: 'mariadbd',
    path: MARIADB,
    start: startMariadb,
    workloads: ['mysqlPromises', 'mysqlCallbacks'],
  },
]

describe.each(SERVERS)('$name', ({ name, path, start, workloads }) => {
  if (path === null) {
    test.skip(`no ${name} on the PATH`)
    return
  }
  let database: Database
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.stop())

  test.each(workloads)('%s', async (workload) => {
    const settings = { [name === 'mariadbd' ? 'mariadb' : 'redis']: database.port }
    for (const run of [alone, inACrowd])
      for (const { recorded, untruths } of await run(settings, workload))
        expect.soft(untruths, `${recorded.clocked.id} ${run.name}`).toEqual([])
  })
})
