// A program whose code for a database fails in a way that nobody catches: `<case> <ports> <armed>`.
// Its output and how it ends must not depend on whether it is being profiled.
import { profile } from '../../dist/bundle/index.mjs'

const [name, ports, armed] = process.argv.slice(2)
const { postgres, mariadb, redis } = JSON.parse(ports)
const PG = { host: '127.0.0.1', port: postgres, user: 'postgres', database: 'postgres' }
const MYSQL = { host: '127.0.0.1', port: mariadb, user: 'root' }
const SOCKET = { host: '127.0.0.1', port: redis }

async function pgPool() {
  const { default: pg } = await import('pg')
  return new pg.Pool({ ...PG, max: 1 })
}

async function mysqlPool() {
  const { createPool } = await import('mysql2')
  return createPool({ ...MYSQL, connectionLimit: 1 })
}

async function nodeRedis() {
  const { createClient } = await import('redis')
  return createClient({ socket: SOCKET }).connect()
}

async function ioredis(options) {
  const { Redis } = await import('ioredis')
  return new Redis({ ...SOCKET, ...options })
}

function fail() {
  throw new Error('of the app')
}

const CASES = {
  pgCallback: async () => (await pgPool()).query('select 1', fail),
  pgConnect: async () => (await pgPool()).connect(fail),
  pgQueued: async () => {
    const pool = await pgPool()
    pool.query('select pg_sleep(0.01)')
    pool.connect(fail)
  },
  pgRejection: async () => void (await pgPool()).query('nonsense'),
  mysqlCallback: async () => (await mysqlPool()).query('select 1', fail),
  mysqlQueued: async () => {
    const pool = await mysqlPool()
    pool.query('select sleep(0.01)')
    pool.getConnection(fail)
  },
  mysqlRejection: async () => void (await mysqlPool()).promise().query('nonsense'),
  redisRejection: async () => void (await nodeRedis()).sendCommand(['NONSENSE']),
  redisThen: async () => void (await nodeRedis()).get('key').then(fail),
  redisMulti: async () => void (await nodeRedis()).multi().addCommand(['NONSENSE']).exec(),
  redisArguments: async () => {
    const asText = () => {
      console.error('an argument was read')
      return 'key'
    }
    void (await nodeRedis()).sendCommand(['GET', { toString: asText }])
  },
  ioredisRejection: async () => void (await ioredis()).call('NONSENSE'),
  ioredisCallback: async () => void (await ioredis()).get('key', fail),
  ioredisPipeline: async () => void (await ioredis()).pipeline().get('key').exec(fail),
  ioredisAuto: async () => void (await ioredis({ enableAutoPipelining: true })).call('NONSENSE'),
}

// It swallowed what it should not.
setTimeout(() => process.exit(7), 5000)
if (armed) {
  await profile(async () => {
    CASES[name]()
    await new Promise((resolve) => setTimeout(resolve, 4000))
  })
} else {
  CASES[name]()
  await new Promise((resolve) => setTimeout(resolve, 4000))
}
