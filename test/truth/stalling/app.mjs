// A server whose loop stalls, and that clocks it. One JSON argument: `StallingSettings` of
// program.ts. Prints its port; ends when its standard input does.
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { PerformanceObserver } from 'node:perf_hooks'
import { cpuNow, delayNow, now } from '../clock.mjs'
import { keepTicking, WORKLOADS } from './workloads.mjs'

const { options, isTicking, titled } = JSON.parse(process.argv[2])
const stretches = []
const requests = []
const checks = []
const collections = []
const warnings = []
const pass = options ? await middleware() : (_request, _response, next) => next()

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://a').pathname
  if (path === '/log') return response.end(log())
  const record = { title: titled ? `GET ${path}` : 'GET', seen: now(), waits: [], ended: 0 }
  requests.push(record)
  pass(request, response, () => handle(request, response, record))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  // By then the loop has been seen to look, and the profiler has started.
  setTimeout(() => console.log(JSON.stringify({ port, pid: process.pid })), 300)
})
process.stdin.resume().on('end', () => process.exit())
new PerformanceObserver((list) => {
  const shift = now() - performance.now() * 1000
  for (const { startTime, duration } of list.getEntries())
    collections.push({ start: startTime * 1000 + shift, micros: duration * 1000 })
}).observe({ entryTypes: ['gc'] })
if (isTicking) keepTicking()
noteChecks()

async function middleware() {
  const { profiler } = await import('../../../dist/bundle/index.mjs')
  return profiler({
    logger: { info() {}, warn: (text) => void warnings.push(text) },
    route: ({ url }) => new URL(url, 'http://a').pathname,
    ...options,
  })
}

async function handle(request, response, record) {
  const { pathname, searchParams } = new URL(request.url, 'http://a')
  const workload = WORKLOADS[pathname.split('/')[1]]
  await workload({
    ms: Number(searchParams.get('ms') ?? 1),
    stretch: (name, title = record.title) => clocked(name, title),
    record,
  })
  record.ended = now()
  response.end('done')
}

/** One stretch of one or many pieces: from where the first begins to where the last ends. */
function clocked(name, title) {
  let stretch = null
  return (run) => {
    if (stretch === null) {
      const begun = { start: now(), cpu: cpuNow(), delay: delayNow() }
      stretch = { name, title, ...begun, end: 0, starved: 0, begun }
      stretches.push(stretch)
      const before = delayOfAll()
      setImmediate(() => {
        stretch.starved = delayOfAll() - before
      })
    }
    const value = run()
    stretch.cpu = cpuNow() - stretch.begun.cpu
    stretch.delay = delayNow() - stretch.begun.delay
    stretch.end = now()
    return value
  }
}

/** For how long threads of this process could have run and did not: the one that samples, too. */
function delayOfAll() {
  try {
    const threads = readdirSync('/proc/self/task')
    const of = (id) => readFileSync(`/proc/self/task/${id}/schedstat`, 'latin1').split(' ')[1]
    return threads.reduce((sum, id) => sum + Number(of(id)) / 1000, 0)
  } catch {
    return 0
  }
}

/** Between two check phases the loop looks once. */
function noteChecks() {
  checks.push({ at: now(), cpu: cpuNow(), delay: delayNow() })
  // It does not keep the loop from sleeping.
  setImmediate(noteChecks).unref()
}

function log() {
  const epoch = (performance.timeOrigin + performance.now()) * 1000 - now()
  return JSON.stringify({ stretches, requests, checks, collections, warnings, epoch, isTicking })
}
