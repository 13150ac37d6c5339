// The requests that work with PostgreSQL, by each way in which its driver can be used.
import pg from 'pg'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { wait } from './clock.mjs'

const ROUNDS = 3
/** Ms: how long the database takes at least, and how long the app is busy with each answer. */
const SLEEP = 30
const BUSY = 12
const SQL = `select 1 as one, pg_sleep(${SLEEP / 1000})`
const ROWS = 6
const SQL_OF_ROWS = `select g, pg_sleep(${SLEEP / 2000}) from generate_series(1, ${ROWS}) g`

export async function connectTo(port) {
  const options = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
  const { drizzle } = await import('drizzle-orm/node-postgres')
  const { integer, pgTable, text } = await import('drizzle-orm/pg-core')
  const pool = new pg.Pool({ ...options, max: 20 })
  const single = new pg.Pool({ ...options, max: 1 })
  const users = pgTable('users', { id: integer('id').primaryKey(), name: text('name') })
  return { pool, single, orm: drizzle(pool), users }
}

async function waitQuery(record, pool, query) {
  const over = wait(record, 'waitQuery', SLEEP)
  await pool.query(query)
  over()
}

async function promises({ own, record, databases }) {
  own(BUSY)
  for (let round = 0; round < ROUNDS; round++) {
    await waitQuery(record, databases.pool, SQL)
    own(BUSY)
  }
}

/** The rest of the handler runs in callbacks of the driver. */
function callbacks({ own, record, databases }) {
  return new Promise((resolve, reject) => {
    let round = 0
    function queryNext() {
      const over = wait(record, 'queryNext', SLEEP)
      databases.pool.query(SQL, function answered(error) {
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

/** A pool of one connection: whoever asks waits for the others first. */
function queued({ own, record, databases }) {
  return new Promise((resolve, reject) => {
    let round = 0
    function connectNext() {
      const over = wait(record, 'connectNext', 0)
      databases.single.connect(function queryNext(failure, client, release) {
        over()
        if (failure) return reject(failure)
        const answered = wait(record, 'queryNext', SLEEP)
        client.query(SQL, (error) => {
          answered()
          release()
          if (error) return reject(error)
          own(BUSY)
          if (++round === ROUNDS) return resolve()
          connectNext()
        })
      })
    }
    connectNext()
  })
}

async function cursor({ own, record, databases }) {
  const client = await databases.pool.connect()
  // It is asked for here, and for more of it below.
  let by = 'cursor'
  const rows = client.query(new Cursor(SQL_OF_ROWS))
  await new Promise((resolve, reject) => {
    function closeRows() {
      const over = wait(record, 'closeRows', 0, { inParts: true })
      rows.close(() => {
        over()
        resolve()
      })
    }
    function readNext() {
      const over = wait(record, by, SLEEP, { inParts: true })
      by = 'readNext'
      rows.read(2, function read(error, batch) {
        over()
        if (error) return reject(error)
        if (batch.length === 0) return closeRows()
        own(BUSY)
        readNext()
      })
    }
    readNext()
  })
  client.release()
}

async function stream({ own, record, databases }) {
  const client = await databases.pool.connect()
  async function readRows() {
    let over = wait(record, 'readRows', SLEEP, { inParts: true })
    for await (const _row of client.query(new QueryStream(SQL_OF_ROWS, [], { batchSize: 2 }))) {
      over()
      own(BUSY / 2)
      over = wait(record, 'readRows', 0, { inParts: true })
    }
    over()
  }
  await readRows()
  client.release()
}

/** Its own parsing, value by value, in the callback in which the driver reads the socket. */
async function parsing({ own, record, databases }) {
  const types = {
    getTypeParser: () => (value) => {
      if (value !== '') own(BUSY)
      return value
    },
  }
  for (let round = 0; round < ROUNDS; round++)
    await waitQuery(record, databases.pool, { text: SQL, types })
}

async function orm({ own, record, databases }) {
  const { sql } = await import('drizzle-orm')
  const { orm: db, users } = databases
  async function waitSelect() {
    const over = wait(record, 'waitSelect', SLEEP)
    await db
      .select({ id: users.id, name: users.name, slept: sql`pg_sleep(${SLEEP / 1000})` })
      .from(users)
      .limit(1)
    over()
  }
  own(BUSY)
  for (let round = 0; round < ROUNDS; round++) {
    await waitSelect()
    own(BUSY)
  }
}

/** Before the others: the table of the mapper, and every connection of the pools open. */
async function prepare({ databases }) {
  const { pool, single } = databases
  await pool.query(`create table if not exists users (id integer primary key, name text)`)
  await pool.query(`insert into users values (1, 'a') on conflict do nothing`)
  await Promise.all(Array.from({ length: 20 }, () => pool.query('select pg_sleep(0.05)')))
  await single.query('select 1')
}

export const DATABASE_WORKLOADS = {
  prepare,
  promises,
  callbacks,
  queued,
  cursor,
  stream,
  parsing,
  orm,
}
