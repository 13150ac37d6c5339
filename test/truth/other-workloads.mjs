// The requests that work with Redis and MariaDB, where the machine has them.
import { wait } from './clock.mjs'

const ROUNDS = 3
/** Ms: how long the database takes at least, and how long the app is busy with each answer. */
const SLEEP = 30
const BUSY = 12
const SQL = `select sleep(${SLEEP / 1000})`

export async function connectToOthers({ redis, mariadb }) {
  const others = {}
  if (redis) {
    const [{ Redis }, { createClient }] = await Promise.all([import('ioredis'), import('redis')])
    const socket = { host: '127.0.0.1', port: redis }
    others.ioredis = new Redis(socket)
    others.pipelining = new Redis({ ...socket, enableAutoPipelining: true })
    others.redis = await createClient({ socket }).connect()
  }
  if (mariadb) {
    const { createPool } = await import('mysql2')
    const server = { host: '127.0.0.1', port: mariadb, user: 'root' }
    others.mysql = createPool({ ...server, connectionLimit: 20 })
    others.mysqlSingle = createPool({ ...server, connectionLimit: 1 })
  }
  return others
}

/** Nobody pushes anything: it is a wait of this length. */
function ioredis({ own, record, databases }) {
  return rounds(own, async function waitRedis() {
    const over = wait(record, 'waitRedis', SLEEP)
    await databases.ioredis.blpop('nothing', SLEEP / 1000)
    over()
  })
}

function redis({ own, record, databases }) {
  return rounds(own, async function waitRedis() {
    const over = wait(record, 'waitRedis', SLEEP)
    await databases.redis.blPop('nothing', SLEEP / 1000)
    over()
  })
}

function mysqlPromises({ own, record, databases }) {
  return rounds(own, async function waitMysql() {
    const over = wait(record, 'waitMysql', SLEEP)
    await databases.mysql.promise().query(SQL)
    over()
  })
}

function mysqlCallbacks({ own, record, databases }) {
  return new Promise((resolve, reject) => {
    let round = 0
    function queryNext() {
      const over = wait(record, 'queryNext', SLEEP)
      databases.mysql.query(SQL, function answered(error) {
        over()
        if (error) return reject(error)
        own(BUSY)
        if (++round === ROUNDS) return resolve()
        queryNext()
      })
    }
    queryNext()
  })
}

async function rounds(own, waitForIt) {
  own(BUSY)
  for (let round = 0; round < ROUNDS; round++) {
    await waitForIt()
    own(BUSY)
  }
}

export const OTHER_WORKLOADS = { ioredis, redis, mysqlPromises, mysqlCallbacks }
