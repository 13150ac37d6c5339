// A keep-alive HTTP client that costs little: sends a fixed request, counts responses.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'

/** Starts `server.mjs` in its own process. */
export async function startServer(mode, ...args) {
  const child = fork(new URL('./server.mjs', import.meta.url), [mode, ...args], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [{ port }] = await once(child, 'message')
  return {
    port,
    async ask(what = 'usage') {
      child.send(what)
      return (await once(child, 'message'))[0]
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/**
 * Sends requests over `connections` sockets for `ms`; resolves to { perSecond, latencies (ms) }.
 */
export async function load(port, { path = '/', ms = 1000, connections = 16, header = '' } = {}) {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`
  const latencies = []
  const end = performance.now() + ms
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, () => drive(port, request, end, latencies)))
  return { perSecond: (latencies.length * 1000) / (performance.now() - start), latencies }
}

export async function get(port, path, headers = {}) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  return response.text()
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

export function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]
}

function drive(port, request, end, latencies) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let sent = 0
    let received = ''
    const send = () => {
      sent = performance.now()
      socket.write(request)
    }
    socket.setNoDelay()
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      const head = received.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0)
      if (received.length < head + 4 + length) return
      received = ''
      latencies.push(performance.now() - sent)
      if (performance.now() < end) return send()
      socket.destroy()
      resolve()
    })
  })
}
