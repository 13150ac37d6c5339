// A server whose native part fails at one call: `<fault> <dir>`. It fails at the first call of that
// kind after it was armed. What it prints: how requests were answered, what was written and said.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { profiler } from '../../dist/bundle/index.mjs'

const [fault, dir] = process.argv.slice(2)
const path = '@datadog/pprof/out/src/time-profiler-bindings.js'
// Of `none` nothing is faulty but what was done to this process.
const { prototype } = fault === 'none' ? {} : createRequire(import.meta.url)(path).TimeProfiler
const seen = { answers: [], dumps: [], said: [], secondAfterMs: 0 }
let isFaulty = true

const NODE = { name: 'a', scriptName: '', lineNumber: 1, columnNumber: 1, children: [] }
const at = (timestamp) => ({ ...NODE, contexts: [{ timestamp, cpuTime: 0 }] })
const root = (...children) => ({ topDownRoot: { ...NODE, children } })
function cyclic() {
  const node = { ...NODE, children: [] }
  node.children.push(node)
  return root(node)
}
function throws() {
  throw new Error('broken\nin two lines')
}

/** What `stop(true)` does instead. */
const STOPS = {
  throws,
  undefined: () => undefined,
  null: () => null,
  '{}': () => ({}),
  'no children': () => ({ topDownRoot: {} }),
  'a node of null': () => root(null),
  'a node of nothing': () => root({}),
  'a name of another kind': () => root({ ...NODE, name: {} }),
  cyclic,
  'a wide cycle': () => {
    const tree = cyclic()
    tree.topDownRoot.children.push(...Array(50).fill(tree.topDownRoot))
    return tree
  },
  'many samples': () => root({ ...NODE, contexts: Array(1e6).fill({ timestamp: 1n }) }),
  'many children': () => root(...Array(1e6).fill(NODE)),
  'no length': () => ({ topDownRoot: { ...NODE, children: { length: -1, 0: NODE } } }),
  'no time': () => root(at(undefined)),
  'a time that is none': () => root(at(Number.NaN)),
  'a time below zero': () => root(at(-1n)),
  'a CPU time that is none': () => root({ ...NODE, contexts: [{ timestamp: 1n, cpuTime: {} }] }),
  'a label that is none': () =>
    root({ ...NODE, contexts: [{ timestamp: 1n, context: Symbol('a') }] }),
  'a getter that throws': () => ({
    get topDownRoot() {
      return throws()
    },
  }),
}

const { start, stop } = prototype ?? {}
if (fault in STOPS)
  prototype.stop = function (goOn) {
    if (!isFaulty || !goOn) return stop.call(this, goOn)
    isFaulty = false
    if (fault !== 'throws') stop.call(this, true)
    return STOPS[fault]()
  }
if (fault === 'start')
  prototype.start = function () {
    if (isFaulty) throws()
    start.call(this)
  }
let starts = 0
if (fault === 'the first starts')
  prototype.start = function () {
    if (starts++ < 2) throws()
    start.call(this)
  }
if (fault === 'a later start') {
  prototype.start = function () {
    if (starts++ === 1) throws()
    start.call(this)
  }
  prototype.stop = function (goOn) {
    if (goOn && starts === 1) throws()
    return stop.call(this, goOn)
  }
}

process.on('uncaughtException', (error) => seen.said.push(`uncaught ${error}`))
/** The first thing that is said is that it has failed, and at once the next request comes. */
let failed
const failure = new Promise((resolve) => {
  failed = () => resolve(performance.now())
})
const logger = {
  info() {},
  warn(message) {
    seen.said.push(message)
    failed()
  },
}
function onProfile({ file }) {
  const { $profview } = JSON.parse(readFileSync(file))
  seen.dumps.push($profview.warnings.map(({ code }) => code))
}
const middleware = profiler({ dir, logger, onProfile, authorize: () => true })
const server = createServer((request, response) => {
  middleware(request, response, () => {
    const end = performance.now() + 30
    while (performance.now() < end);
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
        const hasId = 'x-profile-id' in response.headers
        seen.answers.push([response.statusCode, hasId])
        resolve(hasId)
      })
    }).on('error', reject)
  })
}

/** All that were promised. */
async function dumps() {
  const promised = () => seen.answers.filter(([, hasId]) => hasId).length
  while (seen.dumps.length < promised()) await sleep(10)
}

await ask()
const failedAt = await failure
await ask()
seen.secondAfterMs = performance.now() - failedAt
await dumps()
const isNever = fault === 'start' || fault === 'none'
if (!isNever) while (!(await ask())) await sleep(100)
await dumps()
await sleep(300)
server.close()
console.log(JSON.stringify(seen))
