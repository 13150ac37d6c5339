// One function for each kind of thing that a request waits for, about 30 ms each where that can be
// chosen.
import { execFile } from 'node:child_process'
import { pbkdf2 } from 'node:crypto'
import dns from 'node:dns'
import { EventEmitter, once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { gzip } from 'node:zlib'

const MS = 30

/** Busy for so long by the clock; returns the clocked time. */
export function burn(ms) {
  const start = performance.now()
  let x = 0
  while (performance.now() - start < ms) for (let i = 0; i < 200; i++) x += Math.sqrt(i)
  return performance.now() - start + 0 * x
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** What the kinds need to be there before anything is profiled. */
export async function startPeers() {
  const sockets = new Set()
  const echo = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (data) => setTimeout(() => socket.write(data), MS))
    socket.on('error', () => {})
  })
  const web = http.createServer((_request, response) => {
    setTimeout(() => response.end('hello'), MS)
  })
  echo.listen(0, '127.0.0.1')
  web.listen(0, '127.0.0.1')
  await Promise.all([once(echo, 'listening'), once(web, 'listening')])
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.on('message', (m) => setTimeout(() => parentPort.postMessage(m), ${MS}))`,
    { eval: true },
  )
  await once(worker, 'online')
  const pool = new Pool(echo.address().port)
  await pool.ready
  return {
    echo: echo.address().port,
    web: web.address().port,
    worker,
    pool,
    async stop() {
      pool.socket.destroy()
      for (const socket of sockets) socket.destroy()
      web.closeAllConnections()
      web.close()
      echo.close()
      await worker.terminate()
    },
  }
}

/**
 * A driver: one connection, made outside of any request, and a queue of those who wait for its
 * answers.
 */
class Pool {
  #waiting = []

  constructor(port) {
    this.socket = net.connect(port, '127.0.0.1')
    this.ready = once(this.socket, 'connect')
    this.socket.on('data', () => this.#waiting.shift()?.())
  }

  query() {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.socket.write('q')
    })
  }
}

/** Each kind by name: an async function of the peers that does the waiting itself. */
export const KINDS = {
  timer: async () => {
    await sleep(MS)
  },
  'promised timer': async () => {
    await delay(MS)
  },
  immediates: async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
  },
  // Few enough for each of their resources to be captured: on a quick machine, twenty are not.
  'fs promises': async () => {
    for (let i = 0; i < 10; i++) await fs.promises.readFile(import.meta.filename)
  },
  'fs callback': async () => {
    await new Promise((resolve) => fs.readFile(import.meta.filename, resolve))
  },
  dns: async () => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => dns.lookup('localhost', resolve))
  },
  socket: async ({ echo }) => {
    const socket = net.connect(echo, '127.0.0.1')
    await new Promise((resolve) => {
      socket.on('connect', () => socket.write('ping'))
      socket.on('data', resolve)
    })
    socket.destroy()
  },
  'http client': async ({ web }) => {
    await new Promise((resolve) => {
      http.get({ port: web, host: '127.0.0.1', agent: false }, (response) => {
        response.resume()
        response.on('end', resolve)
      })
    })
  },
  fetch: async ({ web }) => {
    const response = await fetch(`http://127.0.0.1:${web}/`)
    await response.text()
  },
  'shared pool': async ({ pool }) => {
    await pool.query()
  },
  'Promise.all': async () => {
    await Promise.all([sleep(MS), sleep(MS / 2)])
  },
  'Promise.race': async () => {
    await Promise.race([sleep(MS), sleep(10 * MS)])
  },
  'Promise.any': async () => {
    await Promise.any([sleep(MS), sleep(10 * MS)])
  },
  'async generator': async () => {
    async function* rows() {
      for (let i = 0; i < 3; i++) {
        await sleep(MS / 3)
        yield i
      }
    }
    for await (const _row of rows());
  },
  stream: async ({ echo }) => {
    const socket = net.connect(echo, '127.0.0.1')
    socket.write('x')
    for await (const _chunk of socket) break
  },
  readable: async () => {
    let left = 3
    const source = new Readable({
      read() {
        setTimeout(() => this.push(left-- > 0 ? 'x' : null), MS / 4)
      },
    })
    for await (const _chunk of source);
  },
  emitter: async () => {
    const emitter = new EventEmitter()
    setTimeout(() => emitter.emit('ready'), MS)
    await once(emitter, 'ready')
  },
  'worker message': async ({ worker }) => {
    worker.postMessage('hi')
    await once(worker, 'message')
  },
  crypto: async () => {
    await new Promise((resolve) => pbkdf2('a', 'b', 60_000, 32, 'sha256', resolve))
  },
  zlib: async () => {
    await new Promise((resolve) => gzip(Buffer.alloc(8_000_000, 'abcdefg'), resolve))
  },
  'child process': async () => {
    await new Promise((resolve) => execFile(process.execPath, ['-e', '0'], resolve))
  },
}
