// Sends requests to `server.mjs` from this process, and judges what its dumps say of their wait:
// the clock is the machine's, and a request is sent while `write` runs.
import { fork } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

export const LOADS = ['idle', 'hog', 'pieces', 'chains', 'burst']

/**
 * Profiles `count` requests under a load. `keepAlive`: on six connections, one after another; else
 * each on a new one. Never more than one in two is profiled: the others are somebody's neighbours.
 */
export async function judge({ load, keepAlive, workers, interval, count, dir, execPath }) {
  const args = [load, interval, workers, dir].map(String)
  const env = { ...process.env, NODE_ENV: 'test' }
  const script = fileURLToPath(new URL('server.mjs', import.meta.url))
  const options = { env, execPath, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }
  const server = fork(script, args, options)
  const dumps = new Map()
  let arrived = () => {}
  server.on('message', (message) => {
    if ('id' in message) dumps.set(message.id, message.queued)
    arrived(message)
  })
  const exited = new Promise((resolve) => server.on('exit', resolve))
  try {
    const { port } = await new Promise((resolve, reject) => {
      arrived = resolve
      server.on('exit', () => reject(new Error('the server ended')))
    })
    const sent = await drive(port, { load, keepAlive, count })
    await new Promise((resolve) => {
      arrived = () => dumps.size >= sent.length && resolve()
      arrived()
    })
    return sent.map(({ id, least, most }) => {
      const { minMicros, maxMicros, by } = dumps.get(id)
      const max = maxMicros === null ? null : maxMicros / 1000
      return { least, most, min: minMicros / 1000, max, by }
    })
  } finally {
    server.disconnect()
    await exited
  }
}

/** How many were wrong, and how tight the bounds are; ms. */
export function summary(verdicts) {
  const known = verdicts.filter(({ max }) => max !== null)
  const below5 = (key) => known.filter((verdict) => verdict[key] < 5).length
  const excess = known.map(({ max, least }) => max - least).sort((a, b) => a - b)
  const waits = verdicts.map(({ least }) => least).sort((a, b) => a - b)
  const overs = known.filter(({ max, least }) => least > max).map(({ max, least }) => least - max)
  const unders = verdicts.filter(({ min, most }) => min > most).map(({ min, most }) => min - most)
  return {
    requests: verdicts.length,
    unknown: verdicts.length - known.length,
    overs,
    unders,
    proved: verdicts.filter(({ min }) => min >= 1).length,
    medianWait: at(waits, 0.5),
    longestWait: at(waits, 1),
    waitedBelow5: below5('most'),
    saidBelow5: below5('max'),
    medianExcess: at(excess, 0.5),
    p99Excess: at(excess, 0.99),
  }
}

// --- internal ---

const CONNECTIONS = 6
const BURST = 20

function at(sorted, share) {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
}

async function drive(port, { load, keepAlive, count }) {
  const sent = []
  const isDone = () => sent.length >= count
  if (load === 'burst') await Promise.all(lanes(2, () => bursts(port, keepAlive, sent, isDone)))
  else await Promise.all(lanes(CONNECTIONS, () => lane(port, keepAlive, sent, isDone)))
  return sent
}

function lanes(count, run) {
  return Array.from({ length: count }, run)
}

/** One request after another, with pauses of any length in between. */
async function lane(port, keepAlive, sent, isDone) {
  let connection = null
  while (!isDone()) {
    connection ??= await open(port)
    await connection.ask(sent)
    if (!keepAlive) {
      connection.close()
      connection = null
    }
    await sleep(Math.random() * 25)
  }
  connection?.close()
}

/** Many at once, on connections that are made at once, or were. */
async function bursts(port, keepAlive, sent, isDone) {
  let connections = []
  while (!isDone()) {
    if (!keepAlive || connections.length === 0) {
      connections = lanes(BURST, () => open(port))
    }
    await Promise.all(connections.map(async (connection) => (await connection).ask(sent)))
    if (!keepAlive) for (const connection of connections) (await connection).close()
    await sleep(Math.random() * 60)
  }
  for (const connection of connections) (await connection).close()
}

function open(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay()
    socket.on('error', reject)
    let answered = () => {}
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (!received.endsWith('\r\n\r\nok')) return
      const answer = received
      received = ''
      answered(answer)
    })
    const ask = (sent) =>
      new Promise((resolve) => {
        const profiled = Math.random() < 0.5
        const head = `GET / HTTP/1.1\r\nHost: localhost\r\n${profiled ? 'x-profile: 1\r\n' : ''}\r\n`
        const before = process.hrtime.bigint()
        socket.write(head)
        const after = process.hrtime.bigint()
        answered = (answer) => {
          const id = /x-profile-id: (\w+)/i.exec(answer)?.[1]
          const [first, last] = /x-seen: (\d+) (\d+)/.exec(answer).slice(1).map(BigInt)
          if (id !== undefined) sent.push({ id, least: ms(first - after), most: ms(last - before) })
          resolve()
        }
      })
    socket.on('connect', () => resolve({ ask, close: () => socket.destroy() }))
  })
}

function ms(nanoseconds) {
  return Number(nanoseconds) / 1e6
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
