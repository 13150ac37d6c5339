// A server that knows nothing of profview and clocks what its requests do, in a cluster of four or
// in two threads: the argument. Prints the ports; ends when its standard input does.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { isMainThread, parentPort, threadId, Worker } from 'node:worker_threads'
import { Bursts, cpuNow, delayNow, now } from './clock.mjs'

const ROUNDS = 3
/** Ms. */
const BUSY = 10
const SLEEP = 15

if (cluster.isWorker || !isMainThread) serve()
else if (process.argv[2] === 'cluster') await startCluster()
else await startThreads()

async function startCluster() {
  const workers = Array.from({ length: 4 }, () => cluster.fork())
  const ports = await Promise.all(workers.map((worker) => once(worker, 'listening')))
  ready(ports.slice(0, 1).map(({ port }) => port))
}

async function startThreads() {
  const threads = [1, 2].map(() => new Worker(new URL(import.meta.url)))
  ready(await Promise.all(threads.map((thread) => once(thread, 'message'))))
}

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, (_, second) => resolve(second ?? _)))
}

function ready(ports) {
  process.stdin.resume().on('end', () => process.exit())
  console.log(JSON.stringify({ ports }))
}

function serve() {
  const bursts = new Bursts()
  const server = createServer(async (request, response) => {
    const [seen, cpuSeen, delaySeen] = [now(), cpuNow(), delayNow()]
    const id = new URL(request.url, 'http://a').searchParams.get('id')
    const own = bursts.of(id)
    for await (const _chunk of request) own(BUSY)
    for (let round = 0; round < ROUNDS; round++) {
      await new Promise((resolve) => setTimeout(resolve, SLEEP))
      own(BUSY)
    }
    const times = { threadCpu: cpuNow() - cpuSeen, delay: delayNow() - delaySeen }
    const clocked = { id, seen, entered: seen, ended: now(), ...times, waits: [], stops: [] }
    const mine = bursts.all.filter(({ name }) => name === id)
    response.end(JSON.stringify({ clocked, worker: `${process.pid}-${threadId}`, bursts: mine }))
  })
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address().port))
}
