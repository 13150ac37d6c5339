// The requests whose waits have names: each clocks its waits by the names that they shall have.
import { wait } from './clock.mjs'

/** Ms that the database takes at least. */
const SLEEP = 30
const PG = `select pg_sleep(${SLEEP / 1000})`
const MYSQL = `select sleep(${SLEEP / 1000})`
/** Redis is busy for some milliseconds. */
const LUA = 'local x = 0; for i = 1, 400000 do x = x + i end; return x'

async function clocked(record, name, least, work) {
  const over = wait(record, name, least)
  const value = await work()
  over()
  return value
}

/** Both of a pool of one connection, which the test asks for by several at once. */
async function pgConnect({ record, databases: { single } }) {
  const client = await clocked(record, 'pg pool', 0, () => single.connect())
  await clocked(record, 'pg query', SLEEP, () => client.query(PG))
  client.release()
}

async function pgPoolQuery({ record, databases: { single } }) {
  await clocked(record, 'pg pool, pg query', SLEEP, () => single.query(PG))
}

function pgCallbacks({ record, databases: { single } }) {
  return new Promise((resolve, reject) => {
    const given = wait(record, 'pg pool', 0)
    single.connect((failure, client, release) => {
      given()
      if (failure) return reject(failure)
      const answered = wait(record, 'pg query', SLEEP)
      client.query(PG, (error) => {
        answered()
        release()
        if (error) return reject(error)
        resolve()
      })
    })
  })
}

async function mysqlConnection({ record, databases: { mysqlSingle } }) {
  const get = () => mysqlSingle.promise().getConnection()
  const connection = await clocked(record, 'mysql2 pool', 0, get)
  await clocked(record, 'mysql2 query', SLEEP, () => connection.query(MYSQL))
  await clocked(record, 'mysql2 execute', SLEEP, () => connection.execute(MYSQL))
  connection.release()
}

function mysqlPoolCallbacks({ record, databases: { mysqlSingle } }) {
  return new Promise((resolve, reject) => {
    const over = wait(record, 'mysql2 pool, mysql2 query', SLEEP)
    mysqlSingle.query(MYSQL, (error) => {
      over()
      if (error) return reject(error)
      resolve()
    })
  })
}

/** One connection for all: who asks while another's script runs waits for that, too. */
async function nodeRedis({ record, databases: { redis } }) {
  await clocked(record, 'redis GET', 0, () => redis.get('key'))
  await clocked(record, 'redis EVAL', 0, () => redis.eval(LUA))
  await clocked(record, 'redis SET', 0, () => redis.set('key', 'value'))
}

async function sharedIoredis({ record, databases: { ioredis } }) {
  await clocked(record, 'redis GET', 0, () => ioredis.get('key'))
  await clocked(record, 'redis EVAL', 0, () => ioredis.eval(LUA, 0))
  await clocked(record, 'redis SET', 0, () => ioredis.set('key', 'value'))
}

async function autoPipelining({ record, databases: { pipelining } }) {
  await clocked(record, 'redis GET', 0, () => pipelining.get('key'))
  await clocked(record, 'redis EVAL', 0, () => pipelining.eval(LUA, 0))
  await clocked(record, 'redis SET', 0, () => pipelining.set('key', 'value'))
}

export const DRIVER_WORKLOADS = {
  pgConnect,
  pgPoolQuery,
  pgCallbacks,
  mysqlConnection,
  mysqlPoolCallbacks,
  nodeRedis,
  sharedIoredis,
  autoPipelining,
}
