// What profview does in an app, counted: `argv[2]`: JSON of `profiler()`'s options, or null. Each
// message `{ path, count, headers }` is so many requests, one after another; the answer is what
// they made it do. Everything that counts is put in place before profview is loaded.
import asyncHooks from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Agent, createServer, get, ServerResponse } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { setImmediate as pause } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'
import { MessagePort, Worker } from 'node:worker_threads'
import express from 'express'

const counts = { captures: 0, hooks: 0, timers: 0, listeners: 0, messages: 0, dumps: 0 }
/** Above 0 while the app's thread runs what a request or its response makes it run. */
let serving = 0

countCalls(Error, 'captureStackTrace', 'captures', () => true)
countResultsOf(vm, 'runInContext', 'captures')
for (const name of ['setTimeout', 'setInterval', 'setImmediate'])
  countCalls(globalThis, name, 'timers', () => serving > 0)
for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'])
  countCalls(EventEmitter.prototype, name, 'listeners', () => serving > 0)
for (const port of [Worker, MessagePort])
  countCalls(port.prototype, 'postMessage', 'messages', () => serving > 0)
for (const name of ['createHook']) countCallbacksOf(asyncHooks, name)
for (const name of ['createHook', 'onInit', 'onBefore', 'onAfter', 'onSettled'])
  countCallbacksOf(v8.promiseHooks, name)
syncBuiltinESMExports()
whileEmitting(ServerResponse.prototype, ['finish', 'close'])

const options = JSON.parse(process.argv[2])
const app = express()
if (options !== null) {
  const { profiler } = await import('profview')
  app.use(profiler({ ...options, onProfile: () => counts.dumps++ }))
}
app.get('/', (_request, response) => response.send('hello'))
app.get('/awaits/:count', async (request, response) => {
  for (let i = 0; i < request.params.count; i++) await null
  response.send('done')
})
app.get('/pauses/:count', async (request, response) => {
  for (let i = 0; i < request.params.count; i++) await pause()
  response.send('done')
})

const server = createServer(app).listen(0, '127.0.0.1')
whileEmitting(server, ['request'])
await once(server, 'listening')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
process.on('message', answer)
process.on('disconnect', () => process.exit())
process.send('ready')

async function answer({ path, count, headers }) {
  for (const name of Object.keys(counts)) counts[name] = 0
  for (let i = 0; i < count; i++) await ask(path, headers)
  const dumps = headers === undefined ? 0 : count
  while (counts.dumps < dumps) await new Promise((resolve) => setTimeout(resolve, 5))
  const files = options === null ? [] : readdirSync(options.dir)
  process.send({ ...counts, files: files.filter((name) => name.endsWith('.cpuprofile')).length })
}

function ask(path, headers = {}) {
  const { port } = server.address()
  return new Promise((resolve, reject) => {
    get({ agent, port, path, headers }, (response) => response.resume().on('end', resolve)).on(
      'error',
      reject,
    )
  })
}

/** Whoever calls it later calls what was there, and is counted where `isOurs` says so. */
function countCalls(target, name, what, isCounted) {
  const original = target[name]
  target[name] = function counted(...args) {
    if (isCounted()) counts[what]++
    return Reflect.apply(original, this, args)
  }
}

/** Calls of the functions that it gives. */
function countResultsOf(target, name, what) {
  const original = target[name]
  target[name] = function counted(...args) {
    const result = { made: Reflect.apply(original, this, args) }
    if (typeof result.made !== 'function') return result.made
    countCalls(result, 'made', what, () => true)
    return result.made
  }
}

/** The callbacks that are given to it: one function, or an object of them. */
function countCallbacksOf(target, name) {
  const original = target[name]
  const counting = (callback) =>
    function counted(...args) {
      counts.hooks++
      return Reflect.apply(callback, this, args)
    }
  target[name] = (given) => {
    if (typeof given === 'function') return original(counting(given))
    const callbacks = Object.entries(given).map(([key, value]) =>
      typeof value === 'function' ? [key, counting(value)] : [key, value],
    )
    return original(Object.fromEntries(callbacks))
  }
}

function whileEmitting(emitter, events) {
  const { emit } = emitter
  emitter.emit = function emitted(...args) {
    if (!events.includes(args[0])) return Reflect.apply(emit, this, args)
    serving++
    try {
      return Reflect.apply(emit, this, args)
    } finally {
      serving--
    }
  }
}
