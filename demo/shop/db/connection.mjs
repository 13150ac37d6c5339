import { once } from 'node:events'
import { connect } from 'node:net'
import { frame, splitFrames } from './wire.mjs'

/** Resolves to an open connection. */
export async function connectTo(port) {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  return new Connection(socket)
}

/** Answers come back in the order of the questions, all through the one socket. */
class Connection {
  #socket
  #pending = []

  constructor(socket) {
    this.#socket = socket
    socket.on(
      'data',
      splitFrames((answer) => this.#settle(answer)),
    )
    socket.on('error', (error) => {
      for (const { reject } of this.#pending.splice(0)) reject(error)
    })
  }

  execute(text, values) {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject })
      this.#socket.write(frame({ text, values }))
    })
  }

  close() {
    this.#socket.end()
  }

  #settle(answer) {
    const { resolve, reject } = this.#pending.shift()
    if (answer.error) reject(new Error(answer.error))
    else resolve(answer.rows)
  }
}
