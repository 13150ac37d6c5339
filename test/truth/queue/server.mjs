// A server under one kind of load, its requests profiled where they ask for it. argv: load,
// interval in ms, workers (0: no cluster), directory of dumps. Tells its parent its port, then of
// each dump what was queued; each answer says when the process saw the request, on the machine's
// clock.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { profiler } from '../../../dist/bundle/index.mjs'

const [load, interval, workers, dir] = process.argv.slice(2)

/** What keeps the loop busy apart from requests. */
const LOADS = {
  idle() {},
  burst() {},
  hog() {
    setInterval(() => spin(250), 600)
  },
  pieces() {
    let left = 0
    function piece() {
      spin(2)
      if (left-- > 0) setImmediate(piece)
    }
    setInterval(() => {
      left = 19
      piece()
    }, 90)
  },
  chains() {
    const immediates = () => {
      spin(0.05)
      setImmediate(immediates)
    }
    const timers = () => {
      spin(1)
      setTimeout(timers, 1)
    }
    immediates()
    timers()
  },
}

if (cluster.isPrimary && workers !== '0') startWorkers(Number(workers))
else serve()

function startWorkers(count) {
  cluster.setupPrimary({ args: process.argv.slice(2) })
  let ready = 0
  cluster.on('message', (_worker, message) => {
    if ('id' in message || ++ready === count) process.send(message)
  })
  process.on('disconnect', () => process.exit())
  for (let i = 0; i < count; i++) cluster.fork()
}

function serve() {
  const profiled = profiler({
    dir,
    interval: Number(interval),
    limits: { concurrent: 1000, perMinute: 1e9, files: 20 },
    onProfile: ({ id, meta }) => process.send({ id, queued: meta.queued }),
    logger: { info() {}, warn() {} },
  })
  const server = createServer((request, response) => {
    const first = process.hrtime.bigint()
    profiled(request, response, () => {
      const last = process.hrtime.bigint()
      if (load === 'burst') spin(3)
      response.setHeader('x-seen', `${first} ${last}`)
      response.end('ok')
    })
  })
  server.keepAliveTimeout = 60_000
  // The kernel cannot be asked: what is judged is what the loop knows by itself.
  server.on('connection', (socket) => Object.defineProperty(socket, 'localPort', {}))
  server.listen(0, '127.0.0.1', () => {
    LOADS[load]()
    // By then the loop has been seen to look; in its first turns nothing is known.
    const { port } = server.address()
    setTimeout(() => process.send({ port }), 100)
  })
  process.on('disconnect', () => process.exit())
}

function spin(ms) {
  const end = performance.now() + ms
  while (performance.now() < end);
}
