/** A stand-in for a database server: the same rows every time, after the time a database takes. */
import { pbkdf2Sync } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { frame, splitFrames } from '../shop/db/wire.mjs'

/** Resolves to `{ port, close }`. */
export async function startDatabase() {
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let turn = Promise.resolve()
    socket.on(
      'data',
      splitFrames((query) => {
        turn = turn.then(() => answer(socket, query))
      }),
    )
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    port: server.address().port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const STATEMENTS = {
  'select user': { ms: 6, rows: ({ id }) => [userRow(id)] },
  'search users': { ms: 18, rows: ({ page }) => [1, 2, 3].map((n) => userRow(page * 3 + n)) },
  'select order': { ms: 8, rows: ({ id }) => [orderRow(Number(id), 1200)] },
  'select orders': {
    ms: 12,
    rows: ({ limit }) => Array.from({ length: limit }, (_, n) => orderRow(n, 40)),
  },
  'insert session': { ms: 4, rows: () => [] },
}

async function answer(socket, { text, values }) {
  await sleep(STATEMENTS[text]?.ms ?? 0)
  if (!socket.destroyed) socket.write(answerTo(text, values))
}

const answers = new Map()

/** Made once: the database shall not be what the app waits for in turn. */
function answerTo(text, values) {
  const key = JSON.stringify([text, values])
  if (!answers.has(key)) {
    const statement = STATEMENTS[text]
    const answer = statement
      ? { rows: statement.rows(values) }
      : { error: `unknown statement: ${text}` }
    answers.set(key, frame(answer))
  }
  return answers.get(key)
}

const HASH = pbkdf2Sync('secret', 'salt', 60_000, 32, 'sha256').toString('hex')

function userRow(id) {
  return { id, name: `Ada & Sons ${id}`, city: 'Turin', salt: 'salt', hash: HASH }
}

function orderRow(id, size) {
  const lines = Array.from({ length: size }, (_, n) => {
    const article = (id * 7 + n * 13) % 300
    return [`Article <${article}>`, 1 + (n % 5), 199 + article * 10]
  })
  return { id, userId: 1 + (id % 50), placedAt: Date.UTC(2026, 0, 1 + (id % 28)), lines }
}
