/**
 * Databases of nobody's in particular: a server that answers in several pieces, in a thread of its
 * own, and the ways in which drivers share connections to it, all with callbacks.
 */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

interface Queue {
  push(connection: Connection): void
}

const load = createRequire(import.meta.url)
const Mysql2Pool = load(join(load.resolve('mysql2/package.json'), '../lib/base/pool.js')) as new (
  options: object,
) => {
  readonly _allConnections: Queue
  readonly _freeConnections: Queue
  getConnection(give: Give): void
  releaseConnection(connection: Connection): void
}

const { Pool } = load('pg') as {
  Pool: new (
    options: object,
  ) => {
    connect(give: (error: unknown, client: PgClient, release: () => void) => void): void
    end(): Promise<void>
  }
}

/** Asks; `parse` runs for each piece of the answer in the driver, `done` when all are there. */
export type Query = (parse: () => void, done: () => void) => void

export interface Driver {
  readonly query: Query
  end(): void
}

export interface Database {
  readonly port: number
  stop(): Promise<unknown>
}

/** Answers each line `7` with `7.` and `7!`, 3 ms apart. */
export async function startDatabase(): Promise<Database> {
  const server = new Worker(
    `const { createServer } = require('node:net')
     const { parentPort } = require('node:worker_threads')
     const server = createServer((socket) => {
       let asked = ''
       socket.setNoDelay(true).on('error', () => {}).on('data', (data) => {
         const lines = (asked + data).split('\\n')
         asked = lines.pop()
         for (const id of lines) {
           setTimeout(() => {
             socket.write(id + '.\\n')
             setTimeout(() => socket.write(id + '!\\n'), 3)
           }, 3)
         }
       })
     })
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true },
  )
  const [port] = (await once(server, 'message')) as [number]
  return { port, stop: () => server.terminate() }
}

/** A connection that may be asked again before it has answered. */
export class Connection implements Driver {
  readonly stream: Socket
  readonly #asked = new Map<number, { parse: () => void; done: () => void }>()
  #lastId = 0

  constructor(port: number) {
    this.stream = connect(port, '127.0.0.1').setNoDelay(true)
    let rest = ''
    this.stream.on('data', (data) => {
      const lines = (rest + data).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.#answer(Number(line.slice(0, -1)), line.endsWith('!'))
    })
  }

  query: Query = (parse, done) => {
    const id = ++this.#lastId
    this.#asked.set(id, { parse, done })
    this.stream.write(`${id}\n`)
  }

  end(): void {
    this.stream.destroy()
  }

  #answer(id: number, isLast: boolean): void {
    const { parse, done } = this.#asked.get(id)!
    parse()
    if (!isLast) return
    this.#asked.delete(id)
    done()
  }
}

type Give = (error: null, connection: Connection) => void

/** The pool of mysql2 over our connections. */
export function mysql2Pool(port: number, size: number): Driver {
  const connectionConfig = { host: '127.0.0.1', port }
  const limits = { connectionLimit: size, maxIdle: size, waitForConnections: true, queueLimit: 0 }
  const pool = new Mysql2Pool({ config: { connectionConfig, ...limits } })
  const all = Array.from({ length: size }, () => new Connection(port))
  for (const connection of all) {
    Object.assign(connection, { _pool: pool })
    pool._allConnections.push(connection)
    pool._freeConnections.push(connection)
  }
  return {
    query(parse, done) {
      pool.getConnection((_error, connection) => {
        connection.query(parse, () => {
          pool.releaseConnection(connection)
          done()
        })
      })
    },
    end: () => {
      for (const connection of all) connection.end()
    },
  }
}

/** A pool with a queue of its own, of which nothing is known. */
export function queueingPool(port: number, size: number): Driver {
  const all: Connection[] = []
  const free: Connection[] = []
  const waiting: Give[] = []
  function take(give: Give): void {
    const idle = free.pop()
    if (idle !== undefined) process.nextTick(() => give(null, idle))
    else if (all.length === size) waiting.push(give)
    else {
      const connection = new Connection(port)
      all.push(connection)
      connection.stream.once('connect', () => give(null, connection))
    }
  }
  function release(connection: Connection): void {
    const next = waiting.shift()
    if (next === undefined) free.push(connection)
    else process.nextTick(() => next(null, connection))
  }
  return {
    query(parse, done) {
      const give: Give = (_error, connection) => {
        connection.query(parse, () => {
          release(connection)
          done()
        })
      }
      take(give)
    },
    end: () => {
      for (const connection of all) connection.end()
    },
  }
}

/** What the pool of `pg` needs of a client. */
class PgClient {
  readonly _queryable = true
  readonly #port: number
  connection!: Connection

  constructor({ port }: { readonly port: number }) {
    this.#port = port
  }

  connect(done: () => void): void {
    this.connection = new Connection(this.#port)
    this.connection.stream.once('connect', () => done())
  }

  end(done?: () => void): void {
    this.connection.end()
    done?.()
  }

  on(): void {}
  once(): void {}
  removeListener(): void {}
}

/** The pool of `pg` over our connections. */
export function pgPool(port: number, size: number): Driver {
  const pool = new Pool({ max: size, port, idleTimeoutMillis: 0, Client: PgClient })
  return {
    query(parse, done) {
      pool.connect((_error, client, release) => {
        client.connection.query(parse, () => {
          release()
          done()
        })
      })
    },
    end: () => void pool.end(),
  }
}
