/** What is asked of a server under test, behind whatever its app has mounted. */
import { connect, createServer } from 'node:net'
import { setImmediate as immediate } from 'node:timers/promises'
import { threadMicros } from './thread-clock.mjs'

/** Sockets, timers, intervals and promises that live on after the response that made them. */
const alive = []

export function addRoutes(app) {
  app.get('/', (_request, response) => response.send('hello'))
  app.get('/wait/:ms', (request, response) => {
    setTimeout(() => response.send('done'), Number(request.params.ms))
  })
  // The µs of CPU time that so many awaits took: others on the machine are none of it.
  app.get('/awaits/:count', async ({ params }, response) => {
    const start = threadMicros()
    for (let i = 0; i < params.count; i++) await null
    response.send(String(threadMicros() - start))
  })
  app.get('/pauses/:count', async ({ params }, response) => {
    const start = threadMicros()
    for (let i = 0; i < params.count; i++) await pause()
    response.send(String(threadMicros() - start))
  })
  app.get('/alive', (_request, response) => {
    const socket = connect(listener.address().port, '127.0.0.1', () => response.send('alive'))
    const [timer, interval] = [setTimeout(nothing, HOUR), setInterval(nothing, HOUR)]
    alive.push(socket, timer, interval, new Promise(nothing).then(nothing))
  })
}

// --- internal ---

const HOUR = 3_600_000
const listener = createServer().listen(0, '127.0.0.1')

function nothing() {}

async function pause() {
  await immediate()
}
