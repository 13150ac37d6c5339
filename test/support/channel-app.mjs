// What comes of errors in requests and children; the first argument says whether anybody follows.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { profile } from '../../dist/bundle/index.mjs'

const seen = []
process.on('uncaughtException', (error) => seen.push(`uncaught ${error.code ?? error.message}`))
process.on('unhandledRejection', (error) => {
  seen.push(`unhandled ${error.cause?.code ?? error.name} ${error.message}`)
})
const server = createServer((_request, response) => response.end('hello'))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`
const closed = createServer().listen(0, '127.0.0.1')
await once(closed, 'listening')
const refused = `http://127.0.0.1:${closed.address().port}`
closed.close()

/** Each begins something whose error nobody handles. */
const ERRORS = {
  fetch: () => void fetch(refused),
  'fetch, called back': () =>
    void fetch(url).then(() => {
      throw new Error('in then')
    }),
  'fetch, aborted': () => void fetch(url, { signal: AbortSignal.abort() }),
  'fetch, aborted later': () => void fetch(url, { signal: AbortSignal.timeout(0) }),
  request: () => void get(refused),
  'request, called back': () =>
    void get(url, () => {
      throw new Error('in response')
    }),
  'request, destroyed': () => void get(url).destroy(new Error('destroyed')),
  child: () => void spawn('/no/such/program'),
  'child, called back': () =>
    void spawn(process.execPath, ['-e', '0']).on('exit', () => {
      throw new Error('in exit')
    }),
}

async function all() {
  for (const [name, begin] of Object.entries(ERRORS)) {
    seen.push(name)
    begin()
    const before = seen.length
    for (let i = 0; i < 500 && seen.length === before; i++) await sleep(10)
    await sleep(20)
  }
}

if (process.argv[2] === 'plain') await all()
else await profile(all, { awaits: process.argv[2] === 'awaits' })
server.close()
server.closeAllConnections()
console.log(JSON.stringify(seen))
process.exit()
