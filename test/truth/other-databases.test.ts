/** Redis and MariaDB, where this machine has them: requests against their own clocks. */
import { expect, test } from 'vitest'
import { withServers } from '../support/with-servers.js'
import { alone, inACrowd } from './crowd.js'

const WORKLOADS = {
  redis: ['ioredis', 'redis'],
  mariadb: ['mysqlPromises', 'mysqlCallbacks'],
}

withServers(WORKLOADS, ({ name, port, cases }) => {
  test.each(cases)('%s', async (workload) => {
    const settings = { [name]: port() }
    for (const run of [alone, inACrowd])
      for (const { recorded, untruths } of await run(settings, workload))
        expect.soft(untruths, `${recorded.clocked.id} ${run.name}`).toEqual([])
  })
})
