// A server under profview that clocks what its requests do. One JSON argument: `AppSettings` of
// truth.ts. Prints its port; ends when its standard input does.
import { createServer } from 'node:http'
import { profiler } from '../../dist/bundle/index.mjs'
import { Bursts, Checks, cpuNow, delayNow, now } from './clock.mjs'
import { connectTo } from './database-workloads.mjs'
import { connectToOthers } from './other-workloads.mjs'
import { WORKLOADS } from './workloads.mjs'

const settings = JSON.parse(process.argv[2])
const bursts = new Bursts()
const checks = new Checks()
const requests = []
const dumps = []
const databases = {
  ...(settings.postgres && (await connectTo(settings.postgres))),
  ...(await connectToOthers(settings)),
}
const middleware = profiler({
  logger: { info() {}, warn: (text) => console.error(text) },
  labels: (request) => ({ id: new URL(request.url, 'http://a').searchParams.get('id') ?? '' }),
  ...settings.options,
  onProfile: ({ file, meta }) => dumps.push({ id: meta.labels.id, file }),
})

const server = createServer(settings.express ? await expressApp() : plainApp)
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))
process.stdin.resume().on('end', () => process.exit())

async function expressApp() {
  const { default: express } = await import('express')
  const app = express()
  app.use((request, _response, next) => {
    see(request)
    next()
  })
  app.use(middleware)
  for (const [name, workload] of Object.entries(WORKLOADS))
    app.get(`/${name}`, (request, response) => handle(workload, request, response))
  app.get('/log', (_request, response) => response.end(log()))
  return app
}

function plainApp(request, response) {
  if (request.url === '/log') return response.end(log())
  see(request)
  const name = new URL(request.url, 'http://a').pathname.slice(1)
  middleware(request, response, () => handle(WORKLOADS[name], request, response))
}

/** Before profview knows of it. */
function see(request) {
  request.seen = now()
  request.cpuSeen = cpuNow()
  request.delaySeen = delayNow()
}

async function handle(workload, request, response) {
  const asked = Object.fromEntries(new URL(request.url, 'http://a').searchParams)
  const times = { seen: request.seen, entered: now(), ended: 0, threadCpu: 0, delay: 0 }
  const record = { id: asked.id ?? '', ...times, waits: [], stops: [] }
  requests.push(record)
  const own = bursts.of(asked.id ?? 'own_nobody')
  try {
    await workload({ own, record, asked, databases, bursts })
  } catch (error) {
    console.error(error)
    response.statusCode = 500
  }
  record.ended = now()
  record.threadCpu = cpuNow() - request.cpuSeen
  record.delay = delayNow() - request.delaySeen
  response.end('done')
}

function log() {
  return JSON.stringify({ bursts: bursts.all, checks: checks.all, requests, dumps })
}
