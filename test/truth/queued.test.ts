/**
 * Requests under five kinds of load, timed by a client in another process: none has waited longer,
 * or less, than its dump says. `npm run bench:queued` asks ten thousand.
 */
import { describe, expect, test } from 'vitest'
import { temporaryDir } from '../support/app.js'
import { judge, LOADS, summary } from './queue/client.mjs'

const COUNT = 40

describe.each([
  { name: 'one process', workers: 0 },
  { name: 'a cluster', workers: 2 },
])('$name', ({ workers }) => {
  describe.each([
    { connections: 'kept alive', keepAlive: true },
    { connections: 'new for each', keepAlive: false },
  ])('connections $connections', ({ keepAlive }) => {
    test.each(LOADS)('%s', async (load) => {
      const options = { load, keepAlive, workers, interval: 1, count: COUNT, dir: temporaryDir() }
      const { requests, unknown, overs, unders } = summary(await judge(options))
      expect({ overs, unders }).toEqual({ overs: [], unders: [] })
      expect(requests).toBeGreaterThanOrEqual(COUNT)
      // In a cluster the primary accepts: when the first request of a connection came is unknown.
      if (workers === 0) expect(unknown).toBe(0)
      else if (keepAlive && load !== 'burst') expect(unknown).toBeLessThanOrEqual(6)
    })
  })
})
