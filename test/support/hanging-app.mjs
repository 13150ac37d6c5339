/**
 * Serves `/ok`, and `/<way to hang>`, which ends when there is a file `enough`; says when it hung,
 * by its own clock.
 */
import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'

const { profiler } = await import(process.env.PROFVIEW_UNDER_TEST)
const { dir, stall, forMs } = JSON.parse(process.env.HANGING)

const ENOUGH = join(dir, 'enough')
const isOver = (end) => performance.now() > end || existsSync(ENOUGH)
function endless(end) {
  while (!isOver(end)) for (let i = 0; i < 100_000; i++) Math.hypot(i, i)
}
async function promises(end) {
  while (!isOver(end)) for (let i = 0; i < 1000; i++) await null
}
function backtracks(end) {
  while (!isOver(end)) /^(a+)+$/.test(`${'a'.repeat(24)}b`)
}
function waits(end) {
  const cell = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(cell, 0, 0, end - performance.now())
}
function runs(end) {
  const seconds = Math.ceil((end - performance.now()) / 1000)
  execSync(`timeout ${seconds} sh -c 'while [ ! -e "${ENOUGH}" ]; do sleep 0.1; done' || true`)
}
const WAYS = { endless, promises, backtracks, waits, runs }

/** Of a worker thread the main one passes it on. */
const tell = (message) => (parentPort ? parentPort.postMessage(message) : process.send(message))
const middleware = profiler({ dir, stall })
const routed = (request) => {
  request.route = { path: request.url }
}
const server = createServer((request, response) => {
  routed(request)
  middleware(request, response, async () => {
    const way = WAYS[request.url.slice(1)]
    if (way === undefined) return response.end('ok')
    await sleep(1)
    const start = performance.now()
    tell({ hangsSince: Date.now() })
    await way(start + forMs)
    tell({ hungFor: performance.now() - start })
    response.end('went on')
  })
})
// By then it is watched, or will be as soon as the thread is there that watches.
server.listen(0, () => setTimeout(() => tell({ port: server.address().port }), 1200))
function end() {
  server.close()
  server.closeAllConnections()
}
if (parentPort) parentPort.once('message', end)
else {
  // Whoever would end it is not there any more.
  const alone = () => process.exit(1)
  process.on('disconnect', alone)
  process.on('message', () => {
    process.removeListener('disconnect', alone)
    end()
    process.disconnect()
  })
}
