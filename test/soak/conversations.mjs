/** What a client says on one connection, as bytes, and what it gets; chosen by a seed. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/**
 * Conversation number `index`: one to four requests, with triggers, honoured and not, as it falls.
 * Their bytes go out in `pieces`, each when something has come since the piece before. `cut`: the
 * client leaves once it has so many bytes.
 */
export function conversation(random, index) {
  const id = `c${index}`
  if (random(12) === 0) {
    const { pieces, ...special } = pick(random, SPECIAL)
    return { ...special, id, pieces: pieces.map(bytesOf) }
  }
  const length = [1, 1, 1, 2, 2, 4][random(6)]
  const requests = Array.from({ length }, (_, i) => {
    return request(random, `${id}.${i}`, i === 0, i === length - 1)
  })
  const bytes = requests.map(({ text }) => bytesOf(text))
  const pieces = [() => [Buffer.concat(bytes)], () => bytes, () => halves(random, requests)]
  return {
    title: requests.map(({ title }) => title).join(', '),
    pieces: pick(random, pieces)(),
    cut: random(15) === 0 ? random(400) : null,
    id,
  }
}

/** All that comes until the server closes, or until the cut. */
export async function converse(port, { pieces, cut }) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const received = []
  let length = 0
  let arrived = () => {}
  let isOver = false
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    received.push(bytes)
    length += bytes.length
    if (cut !== null && length >= cut) socket.destroy()
    arrived()
  })
  const over = new Promise((resolve) => {
    const end = () => {
      isOver = true
      arrived()
      resolve()
    }
    socket.on('end', () => socket.end())
    socket.on('close', end)
  })
  await Promise.race([once(socket, 'connect').catch(() => {}), over])
  for (const piece of pieces) {
    const before = length
    socket.write(piece)
    if (piece === pieces.at(-1)) break
    await turn()
    // Half a request is answered by nothing: then the other half follows a moment later.
    if (!piece.isHalf) {
      while (length === before && !isOver) await new Promise((resolve) => (arrived = resolve))
    }
  }
  await over
  const all = Buffer.concat(received)
  return cut === null ? all : all.subarray(0, cut)
}

/**
 * Bytes as text, without what we may change: our own headers, and `Cache-Control` where the query
 * triggered; and without the date, which nobody can hold still.
 */
export function normalised(bytes, byQuery) {
  const text = bytes.toString('latin1')
  return (byQuery ? text.replace(/^Cache-Control: .*\r\n/gm, '') : text)
    .replace(/^X-Profile-Id: [0-9a-f]{16}\r\n/gm, '')
    .replace(/^(Server-Timing: db;dur=5), [^\r]*/gm, '$1')
    .replace(/^Server-Timing: (?:cpu|await|blocked|queued);dur=.*\r\n/gm, '')
    .replace(/^Date: .*\r\n/gim, 'Date: -\r\n')
}

/** How many of the answers are profiled. */
export function profiledIn(bytes) {
  return bytes.toString('latin1').match(/^X-Profile-Id: [0-9a-f]{16}\r$/gm)?.length ?? 0
}

// --- internal ---

const PATHS = [
  (random) => `/json/${random(200)}`,
  (random) => `/text/${random(3000)}`,
  (random) => `/large/${random(40) === 0 ? 3_000_000 : random(200_000)}`,
  (random) => `/status/${pick(random, [200, 204, 205, 304, 400, 404, 418, 500, 503])}`,
  () => '/empty',
  () => '/redirect',
  () => '/file',
  (random) => `/awaits/${random(12)}`,
  (random) => `/busy/${random(8)}`,
  () => '/hints',
  (random) =>
    `/headers/${pick(random, ['object', 'flat', 'message', 'both', 'theirs', 'dateless'])}`,
  () => '/flushed',
  () => '/corked',
  () => '/body',
  () => '/nowhere',
  () => '/json/%E0%A4%A',
  () => '/file?',
  (random) => `/fails/${pick(random, ['now', 'handled', 'later'])}`,
]
/**
 * In pieces: first on their connection, for Node 26 joins those that wait for others before them.
 */
const IN_PIECES = [
  (random) => `/chunks/${random(9)}/${random(3000)}`,
  (random) => `/stream/${random(50)}`,
  () => '/read',
  (random) => `/gzip/${random(400_000)}`,
  () => '/trailers',
]
/** Nothing can come after these. */
const LAST = ['/fails/short', '/unread']
/** They end a connection on which answers to others may still be under way. */
const ALONE = ['/fails/started', '/fails/destroyed', '/fails/silently', '/socket']
const TRIGGERS = [
  [{}, {}, {}, {}],
  [{ header: '1' }, { query: 'profile=1' }, { header: '1', query: 'profile=1' }],
  [{ header: '11' }, { query: 'profile[]=1' }, { query: 'profile=1&profile=0' }],
  [
    { header: '1', other: 'x-forwarded-for: 192.0.2.1' },
    { query: 'profile=1', other: 'via: 1.1 p' },
  ],
].flat()

function request(random, id, isFirst, isLast) {
  const ends = isFirst ? [...LAST, ...ALONE] : LAST
  const paths = isFirst ? [...PATHS, ...IN_PIECES] : PATHS
  const path = isLast && random(8) === 0 ? pick(random, ends) : pick(random, paths)(random)
  const { header, query, other } = pick(random, TRIGGERS)
  const address = query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
  const hasBody = path === '/body' || path === '/unread' || random(20) === 0
  const method = hasBody ? 'POST' : pick(random, ['GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS'])
  const version = isLast && random(10) === 0 ? '1.0' : '1.1'
  const head = [`${method} ${address} HTTP/${version}`, 'Host: localhost', `X-Id: ${id}`]
  if (header !== undefined) head.push(`X-Profile: ${header}`)
  if (other !== undefined) head.push(other)
  if (random(6) === 0) head.push(pick(random, ['If-None-Match: *', 'Range: bytes=0-99']))
  if (isLast) head.push('Connection: close')
  const isRead = path === '/body'
  const body = hasBody ? bodyOf(random, { version, isFirst, isRead }, head) : ''
  const text = `${head.join('\r\n')}\r\n\r\n${body}`
  // Who closes a connection on which more is to come takes back what it has said.
  return { title: `${method} ${address}`, text, isWhole: hasBody && !isRead }
}

/** Also says in the head how long it is. */
function bodyOf(random, { version, isFirst, isRead }, head) {
  const body = 'b'.repeat(isRead && random(4) === 0 ? 100_000 : random(500))
  // Node does not wait for answers to others before with its own to this.
  if (isFirst && version === '1.1' && random(3) === 0) head.push('Expect: 100-continue')
  if (version === '1.1' && random(2) === 0) {
    head.push('Transfer-Encoding: chunked')
    return `${body.length === 0 ? '' : `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`
  }
  head.push(`Content-Length: ${body.length}`)
  return body
}

/** What is no ordinary request. */
const SPECIAL = [
  {
    title: 'upgrade',
    pieces: [
      'GET /up?profile=1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
      'echoed',
    ],
    // The head of the answer, and the echo.
    cut: 78,
  },
  ...[
    'CONNECT example:1 HTTP/1.1\r\nHost: example:1\r\nX-Profile: 1\r\n\r\n',
    'GET /?profile=1 HTTP/1.1\r\nX-Profile: 1\r\n\r\n',
    'profile=1\r\n\r\n',
    'GET / profile=1 HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET /text/1 HTTP/1.1\r\nHost: a\r\nX-Profile: ${'1'.repeat(20_000)}\r\n\r\n`,
    'GET /text/1 HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nConnection: close\r\n\r\n',
    'POST /text/3?profile=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhalf',
  ].map((text) => ({ title: text.slice(0, 40), pieces: [text], cut: null })),
]

function bytesOf(text) {
  return Buffer.from(text, 'latin1')
}

function halves(random, requests) {
  return requests.flatMap(({ text, isWhole }) => {
    const bytes = bytesOf(text)
    if (isWhole) return [bytes]
    const at = 1 + random(bytes.length - 1)
    return [Object.assign(bytes.subarray(0, at), { isHalf: true }), bytes.subarray(at)]
  })
}

function pick(random, choices) {
  return choices[random(choices.length)]
}
