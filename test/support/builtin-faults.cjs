// An app whose builtins throw, one after another, wherever profview's own code calls them, and
// nowhere else: what the app then sees is to be what it saw before. `argv[2]`: JSON of
// `profiler()`'s options, `argv[3]`: which share of the builtins, of `argv[4]`. Prints one line for
// each difference, and at the end whether many were called.
const asyncHooks = require('node:async_hooks')
const { EventEmitter } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const { Socket } = require('node:net')
const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect
const { captureStackTrace } = Error
const contains = Function.prototype.call.bind(String.prototype.includes)
const pause = setTimeout
const print = process.stdout.write.bind(process.stdout)

// --- builtins that throw ---

const BUILTINS = {
  ...Object.fromEntries(
    [
      ...[Array, Map, Set, WeakMap, WeakSet, WeakRef, Promise, String, Number, RegExp, Date],
      ...[Function, Object, Symbol, Object.getPrototypeOf(Uint8Array), ArrayBuffer, Buffer],
      ...[EventEmitter, asyncHooks.AsyncLocalStorage, asyncHooks.AsyncResource],
      ...[http.IncomingMessage, http.ServerResponse, Socket],
    ].flatMap((made) => [
      [made.name, made],
      [`${made.name}.prototype`, made.prototype],
    ]),
  ),
  ...{ Reflect, JSON, Math, Atomics, global: globalThis, asyncHooks, fs },
  performance: Object.getPrototypeOf(performance),
  process: Object.getPrototypeOf(process),
  arrayIterator: Object.getPrototypeOf([][Symbol.iterator]()),
  mapIterator: Object.getPrototypeOf(new Map()[Symbol.iterator]()),
  setIterator: Object.getPrototypeOf(new Set()[Symbol.iterator]()),
  generator: Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())),
  timers: require('node:timers'),
  crypto: require('node:crypto'),
  channels: require('node:diagnostics_channel'),
  threads: require('node:worker_threads'),
}
const called = new Set()
const isKnown = (name) => apply(Set.prototype.has, called, [name])
let isFound = false
let failing = ''
let isLooking = false

/** Is it our code that calls it? */
function isOurs(builtin) {
  const at = {}
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = 1
  Error.prepareStackTrace = undefined
  captureStackTrace(at, builtin)
  const { stack } = at
  Error.stackTraceLimit = stackTraceLimit
  Error.prepareStackTrace = prepareStackTrace
  return contains(stack, '/dist/bundle/')
}

function mayFail(name, builtin) {
  if (isLooking || (isFound && failing !== name)) return
  isLooking = true
  try {
    if (!isOurs(builtin)) return
    if (!isFound) called.add(name)
  } finally {
    isLooking = false
  }
  if (failing === name) throw new Error(`injected: ${name}`)
}

function* replaceable() {
  for (const [holderName, holder] of Object.entries(BUILTINS)) {
    for (const key of ownKeys(holder)) {
      const own = getOwnPropertyDescriptor(holder, key)
      const isMethod = typeof own.value === 'function' && (own.writable || own.configurable)
      if (!isMethod || key === 'constructor' || key === 'prototype') continue
      // What makes something is left as it is.
      if (own.value.prototype !== undefined) continue
      yield { name: `${holderName}.${String(key)}`, holder, key, own }
    }
  }
}

function replace({ name, holder, key, own }) {
  const original = own.value
  const replaced = function (...args) {
    mayFail(name, replaced)
    return new.target ? construct(original, args) : apply(original, this, args)
  }
  for (const kept of ownKeys(original)) {
    if (kept !== 'prototype') {
      defineProperty(replaced, kept, getOwnPropertyDescriptor(original, kept))
    }
  }
  return defineProperty(holder, key, { ...own, value: replaced })
}

// --- the app ---

const { profiler } = require('../../dist/bundle/index.js')
const use = profiler(JSON.parse(process.argv[2]))
const [share, shares] = process.argv.slice(3).map(Number)
const TRIGGER = { 'x-profile': '1' }

async function answer(request, response) {
  let body = ''
  for await (const chunk of request) body += chunk
  await null
  await new Promise((resolve) => fs.stat('/', resolve))
  if (request.url.startsWith('/inner')) return response.end('inner')
  if (request.url.startsWith('/head')) response.writeHead(201, { 'x-own': '1' })
  await new Promise((resolve) =>
    http.get({ port, path: '/inner', agent: false }, (inner) => inner.resume().on('end', resolve)),
  )
  response.end(`answer ${body}`)
}

const server = http.createServer((request, response) => {
  let times = 0
  try {
    use(request, response, () => {
      if (++times > 1) print(`${failing}: went on ${times} times\n`)
      else void answer(request, response)
    })
  } catch (error) {
    print(`${failing}: threw ${error.stack}\n`)
    response.end('threw')
  }
})
let port = 0

function ask(method, path, headers, body) {
  return new Promise((resolve) => {
    const asking = http.request({ port, agent: false, method, path, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(`${response.statusCode} ${text}`))
    })
    asking.on('error', (error) => resolve(String(error)))
    asking.setTimeout(5000, () => asking.destroy(new Error('no answer')))
    asking.end(body)
  })
}

async function round() {
  const answers = [
    await ask('GET', '/', {}),
    await ask('POST', '/', TRIGGER, 'body'),
    await ask('GET', '/head?profile=1', {}),
    ...(await Promise.all([ask('GET', '/', {}), ask('GET', '/', TRIGGER)])),
  ]
  return answers.join()
}

for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => print(`${failing}: ${event} ${error?.stack}\n`))

async function run() {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  ;({ port } = server.address())
  const expected = await round()
  const all = [...replaceable()].filter(replace)
  await round()
  // Until the windows of these are taken, too.
  await new Promise((resolve) => pause(resolve, 500))
  isFound = true
  let count = 0
  for (const { name } of all) {
    if (!isKnown(name) || count++ % shares !== share) continue
    failing = name
    const answers = await round()
    await new Promise((resolve) => pause(resolve, 50))
    failing = ''
    if (answers !== expected) print(`${name}: ${answers} instead of ${expected}\n`)
  }
  for (const { holder, key, own } of all) defineProperty(holder, key, own)
  if ((await round()) !== expected) print('afterwards it answers otherwise\n')
  print(`${count > 30 ? 'many' : count} builtins threw\n`)
  server.close()
}
void run()
