/**
 * What nobody catches ends a program that is being profiled as it ends any other: drivers' channels
 * may be listened to, and their methods patched, where that changes nothing.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Database,
  MARIADB,
  POSTGRES,
  REDIS,
  startMariadb,
  startPostgres,
  startRedis,
} from '../support/databases.js'

const SERVERS = [
  {
    name: 'postgres',
    path: POSTGRES,
    start: startPostgres,
    cases: ['pgCallback', 'pgConnect', 'pgQueued', 'pgRejection'],
  },
  {
    name: 'mariadb',
    path: MARIADB,
    start: startMariadb,
    cases: ['mysqlCallback', 'mysqlQueued', 'mysqlRejection'],
  },
  {
    name: 'redis',
    path: REDIS,
    start: startRedis,
    cases: [
      ...['redisRejection', 'redisThen', 'redisMulti'],
      ...['ioredisRejection', 'ioredisCallback', 'ioredisPipeline', 'ioredisAuto'],
    ],
  },
]
const PROGRAM = fileURLToPath(new URL('driver-errors.mjs', import.meta.url))

describe.each(SERVERS)('$name', ({ name, path, start, cases }) => {
  if (path === null) {
    test.skip(`no ${name} on this machine`)
    return
  }
  let database: Database
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.stop())

  /** Where it ended, without the frames below, some of which are ours, and how. */
  function endOf(each: string, ...armed: string[]): { code: number | null; said: string[] } {
    const ports = JSON.stringify({ [name]: database.port })
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, each, ports, ...armed], {
      encoding: 'utf8',
    })
    const said = stderr.split('\n').filter((line) => line !== '' && !/^ {4}at /.test(line))
    return { code: status, said }
  }

  test.each(cases)('%s', (each) => {
    const bare = endOf(each)
    expect(bare.code).toBe(1)
    expect(endOf(each, 'armed')).toEqual(bare)
  })
})
