// A server beside whose profiler another one runs: `<where the library is> <before|after> <dir>`.
// What it prints: how each request was answered, what either profile has seen, what was said.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { profiler } from '../../dist/bundle/index.mjs'

const [library, order, dir] = process.argv.slice(2)
const { time } = createRequire(import.meta.url)(library)
const seen = { answers: [], said: [], dumps: [] }

/**
 * A function of its own: what was compiled before a profiler started is not seen by it. It goes on
 * until it has had the CPU, which others may have meanwhile.
 */
function busy(name) {
  const before = process.cpuUsage()
  const isOver = (end) => performance.now() > end && process.cpuUsage(before).user > 30_000
  const code = `return function ${name}(isOver, end) { while (!isOver(end)); }`
  new Function(code)()(isOver, performance.now() + 60)
}

function startTheirs() {
  time.start({ intervalMicros: 1000, durationMillis: 60_000 })
}

/** The app's functions in their profile. */
function stopTheirs(goOn = false) {
  return time.stop(goOn).stringTable.strings.filter((name) => /^busy\d$/.test(name))
}

let asked = 0
if (order === 'before') startTheirs()
const logger = { info() {}, warn: (message) => seen.said.push(message) }
function onProfile({ file }) {
  const { $profview, nodes } = JSON.parse(readFileSync(file))
  seen.dumps.push({
    warnings: $profview.warnings.map(({ code }) => code),
    seen: nodes
      .map(({ callFrame }) => callFrame.functionName)
      .filter((name) => /^busy\d$/.test(name)),
  })
}
const middleware = profiler({ dir, logger, onProfile, authorize: () => true })
const server = createServer((request, response) => {
  middleware(request, response, () => {
    busy(`busy${++asked}`)
    response.end('hello')
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

function ask() {
  return new Promise((resolve, reject) => {
    const { port } = server.address()
    get({ port, host: '127.0.0.1', path: '/?profile=1', agent: false }, (response) => {
      response.resume().on('end', () => {
        seen.answers.push([response.statusCode, 'x-profile-id' in response.headers])
        resolve(response)
      })
    }).on('error', reject)
  })
}

if (order === 'after') {
  await ask()
  startTheirs()
}
await ask()
seen.goingOn = stopTheirs(true)
await ask()
seen.stopped = stopTheirs()
while (!('x-profile-id' in (await ask()).headers)) await sleep(50)
server.close()
const expected = order === 'after' ? 2 : 1
while (seen.dumps.length < expected) await sleep(10)
console.log(JSON.stringify(seen))
