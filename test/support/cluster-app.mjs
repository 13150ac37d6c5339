/** A clustered Express app that profiles; the first argument says what is done to it. */
import cluster from 'node:cluster'
import { get } from 'node:http'
import express from 'express'
import { profiler } from 'profview'

const [what] = process.argv.slice(2)

if (cluster.isPrimary) await primary()
else worker()

async function primary() {
  const inFlight = what === 'flight' ? 200 : 1
  const workers = what === 'flight' ? [cluster.fork(), cluster.fork()] : [cluster.fork()]
  const exits = workers.map(
    (worker) =>
      new Promise((resolve) => worker.on('exit', (code, signal) => resolve({ code, signal }))),
  )
  let arrived = 0
  cluster.on('message', (_worker, message) => {
    if (message === 'arrived' && ++arrived === inFlight)
      for (const worker of workers) worker.send('go')
  })
  const [port] = await Promise.all(workers.map(listening))
  const answers = await Promise.all(Array.from({ length: inFlight }, (_, i) => ask(port, i)))
  if (what === 'SIGTERM') workers[0].process.kill('SIGTERM')
  else for (const worker of workers) worker.disconnect()
  console.log(
    JSON.stringify({
      served: answers.filter(Boolean).length,
      workers: workers.map((worker) => `${worker.id} ${worker.process.pid}`).sort(),
      exits: await Promise.all(exits),
    }),
  )
}

function listening(worker) {
  return new Promise((resolve) => worker.on('listening', ({ port }) => resolve(port)))
}

/** True if the answer was profiled. */
function ask(port, i) {
  return new Promise((resolve) => {
    get({ port, host: '127.0.0.1', path: `/jobs/${i}?profile=1`, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve('x-profile-id' in answer.headers))
    }).on('error', () => resolve(false))
  })
}

function worker() {
  const app = express()
  app.use(profiler({ limits: { concurrent: 1000 } }))
  const go = new Promise((resolve) => process.once('message', resolve))
  app.get('/jobs/:id', async (_request, response) => {
    process.send('arrived')
    await go
    response.json({ done: true })
  })
  const server = app.listen(0, '127.0.0.1')
  process.on('SIGTERM', () => server.close(() => process.exit(0)))
}
