/**
 * The server under test. `argv[2]`: JSON of `{ app: 'hello' | 'app', database, bare, options }`.
 * `bare`: the sampler alone, at so many ms; `options`: those of `profiler()`, or neither. Sends its
 * port, then answers each message.
 */
import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import express from 'express'
import { addRoutes } from './routes.mjs'
import { addShop } from './shop.mjs'
import { threadMicros } from './thread-clock.mjs'
import { createTurns } from './turns.mjs'

const { app: kind, database, bare = null, options = null } = JSON.parse(process.argv[2])
const app = express()
let dumps = 0
/** For as long as the process lives: a sampler that is collected aborts it. */
const sampler = bare === null ? null : startBare(bare)
if (options === null) {
  // Express' own price of one more middleware is not ours.
  app.use((_request, _response, next) => next())
} else {
  const { profiler } = await import('profview')
  app.use(profiler({ ...options, onProfile: () => dumps++ }))
}
if (kind === 'app') await addShop(app, database)
addRoutes(app)

const turns = createTurns()
const ANSWERS = {
  usage: () => {
    const { user, system } = process.cpuUsage()
    return { cpuMicros: user + system, threadMicros: threadMicros(), dumps }
  },
  /** Twice: what the first frees may hold more. */
  heap: () => {
    globalThis.gc()
    globalThis.gc()
    return process.memoryUsage().heapUsed
  },
  watchTurns: turns.start,
  longestTurn: turns.stop,
}
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
// It waits for its turn.
server.keepAliveTimeout = 0
process.on('message', (message) => process.send(ANSWERS[message]() ?? null))
process.on('disconnect', () => process.exit(sampler === undefined ? 1 : 0))

function startBare(intervalMs) {
  const path = '@datadog/pprof/out/src/time-profiler-bindings.js'
  const { TimeProfiler } = createRequire(import.meta.url)(path)
  const started = new TimeProfiler({
    intervalMicros: intervalMs * 1000,
    durationMillis: 60_000,
    isMainThread,
    withContexts: false,
    useCPED: false,
    lineNumbers: false,
    workaroundV8Bug: false,
    collectCpuTime: false,
    collectAsyncId: false,
  })
  started.start()
  return started
}
