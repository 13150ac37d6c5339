/**
 * What nobody catches ends a program that is being profiled as it ends any other: drivers' channels
 * may be listened to, and their methods patched, where that changes nothing.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { withServers } from '../support/with-servers.js'

const CASES = {
  postgres: ['pgCallback', 'pgConnect', 'pgQueued', 'pgRejection'],
  mariadb: ['mysqlCallback', 'mysqlQueued', 'mysqlRejection'],
  redis: [
    ...['redisRejection', 'redisThen', 'redisMulti', 'redisArguments'],
    ...['ioredisRejection', 'ioredisCallback', 'ioredisPipeline', 'ioredisAuto'],
  ],
}
const PROGRAM = fileURLToPath(new URL('driver-errors.mjs', import.meta.url))

withServers(CASES, ({ name, port, cases }) => {
  /** Where it ended, without the frames below, some of which are ours, and how. */
  function endOf(each: string, ...armed: string[]): { code: number | null; said: string[] } {
    const ports = JSON.stringify({ [name]: port() })
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
