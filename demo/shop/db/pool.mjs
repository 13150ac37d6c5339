import { connectTo } from './connection.mjs'

/** A pool of at most `size` connections. `query` waits for a free one. */
export function openPool({ port, size }) {
  const pool = new Pool(port, size)
  return { query: (text, values) => pool.query(text, values), close: () => pool.close() }
}

class Pool {
  #port
  #size
  #open = 0
  #idle = []
  #waiting = []

  constructor(port, size) {
    this.#port = port
    this.#size = size
  }

  async query(text, values) {
    const connection = await this.#acquire()
    try {
      return await connection.execute(text, values)
    } finally {
      this.#release(connection)
    }
  }

  close() {
    for (const connection of this.#idle) connection.close()
  }

  async #acquire() {
    const idle = this.#idle.pop()
    if (idle) return idle
    if (this.#open < this.#size) {
      this.#open++
      return connectTo(this.#port)
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  #release(connection) {
    const next = this.#waiting.shift()
    if (next) next(connection)
    else this.#idle.push(connection)
  }
}
