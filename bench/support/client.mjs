/** HTTP clients that cost little: fixed bytes go out, answers are counted. */
import { connect } from 'node:net'

/** The bytes of a request. */
export function requestOf(path, { headers = {}, body = null } = {}) {
  const lines = [`${body === null ? 'GET' : 'POST'} ${path} HTTP/1.1`, 'Host: localhost']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== null) {
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

/** Keeps `count` connections; one request at a time on each. */
export async function openClient(port, count) {
  const all = await Promise.all(Array.from({ length: count }, () => openConnection(port)))
  return {
    /** One request; the answer's body. */
    ask: async (bytes) => (await all[0].ask(bytes)).body,
    /** The cookie that an answer sets. */
    async cookie(bytes) {
      return /set-cookie: ([^;]+)/i.exec((await all[0].ask(bytes)).head)[1]
    },
    /**
     * As many requests as the server takes for so many ms, or `perSecond` where it takes those.
     * Latencies are in ms.
     */
    async load(bytes, ms, perSecond = Number.POSITIVE_INFINITY) {
      const latencies = []
      const start = performance.now()
      const end = start + ms
      let sent = 0
      const isDue = (now) => sent < ((now - start) / 1000) * perSecond
      await Promise.all(
        all.map(async (connection) => {
          for (;;) {
            const now = performance.now()
            if (now >= end) return
            if (!isDue(now)) {
              await new Promise((resolve) => setTimeout(resolve, 1))
              continue
            }
            sent++
            await connection.ask(bytes)
            latencies.push(performance.now() - now)
          }
        }),
      )
      const seconds = (performance.now() - start) / 1000
      return { count: latencies.length, perSecond: latencies.length / seconds, latencies }
    },
    close() {
      for (const connection of all) connection.close()
    },
  }
}

// --- internal ---

async function openConnection(port) {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  let answer = () => {}
  let fail = () => {}
  socket.setNoDelay()
  socket.setEncoding('latin1')
  socket.on('data', (text) => {
    received += text
    const end = received.indexOf('\r\n\r\n') + 4
    if (end === 3) return
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0)
    if (received.length < end + length) return
    const head = received.slice(0, end)
    const body = received.slice(end)
    received = ''
    answer({ head, body })
  })
  socket.on('close', () => fail(new Error('the server closed the connection')))
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return {
    async ask(bytes) {
      const got = await new Promise((resolve, reject) => {
        answer = resolve
        fail = reject
        socket.write(bytes)
      })
      if (!/^HTTP\/1.1 2/.test(got.head)) throw new Error(`${got.head}${got.body}`)
      return got
    },
    close: () => socket.destroy(),
  }
}
