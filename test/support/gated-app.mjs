// An app in so many cluster workers, or in this process alone where it is 0:
// `node gated-app.mjs <workers> <JSON of options>`. Tells its parent `{ ports }`, one a worker;
// each message is answered by the states of the workers.
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { profiler } from 'profview'

const [workers, options] = process.argv.slice(2)

if (cluster.isPrimary && Number(workers) > 0) await primary()
else worker()

async function primary() {
  const all = Array.from({ length: Number(workers) }, () => cluster.fork())
  const ask = async (worker) => (await once(worker, 'message'))[0]
  const listening = await Promise.all(all.map(ask))
  process.on('message', async () => {
    const states = Promise.all(all.map(ask))
    for (const worker of all) worker.send('state')
    process.send((await states).flat())
  })
  process.on('disconnect', () => process.exit())
  process.send({ ports: listening.flatMap(({ ports }) => ports) })
}

function worker() {
  const warnings = []
  let written = 0
  const middleware = profiler({
    ...JSON.parse(options),
    logger: { info() {}, warn: (message) => warnings.push(message) },
    onProfile: () => written++,
  })
  const server = createServer((request, response) => {
    middleware(request, response, () => response.end('served'))
  })
  process.on('message', () => process.send([{ ...middleware.counts, written, warnings }]))
  process.on('disconnect', () => process.exit())
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
    process.send({ ports: [server.address().port] })
  })
}
