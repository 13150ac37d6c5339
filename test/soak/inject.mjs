/**
 * Preloaded before an app: counts what profview calls of the system, in the app's thread and in the
 * writer's, and has one of these calls fail.
 *
 * `FAULT`: `{ thread, name, at, always, how }` as JSON: call number `at` of `name`, or that and all
 * after it. `CALLS`: the file that takes the name of each call; with a fault, of those that fail.
 */
import childProcess from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import Module from 'node:module'
import os from 'node:os'
import timers from 'node:timers'
import threads from 'node:worker_threads'

const { FAULT, CALLS } = process.env
const fault = FAULT ? JSON.parse(FAULT) : null
const thread = threads.isMainThread ? 'app' : 'writer'
const counts = new Map()
const { appendFileSync } = fs
const { setImmediate } = timers
const { exit } = process

const NATIVE = '@datadog/pprof/out/src/time-profiler-bindings.js'
const MODULES = {
  fs,
  worker_threads: threads,
  child_process: childProcess,
  os,
  crypto,
}

for (const [name, module] of Object.entries(MODULES)) wrapModule(name, module)
wrapMethods('port', threads.MessagePort.prototype, ['postMessage', 'on', 'unref', 'close'])
wrapMethods('worker', threads.Worker.prototype, ['on', 'unref'])
const load = Module._load
Module._load = function (id, ...rest) {
  const loaded = load.call(this, id, ...rest)
  return id === NATIVE ? wrapNative(loaded) : loaded
}

// --- internal ---

function wrapModule(prefix, module) {
  for (const [key, value] of Object.entries(module)) {
    if (typeof value !== 'function' || key === '_toUnixTimestamp') continue
    const name = `${prefix}.${key}`
    const wrapped = new Proxy(value, {
      apply: (target, self, args) => called(name, wrapped, () => Reflect.apply(target, self, args)),
      construct(target, args, newTarget) {
        if (newTarget !== wrapped) return Reflect.construct(target, args, newTarget)
        return called(name, wrapped, () => Reflect.construct(target, inside(key, args)))
      },
    })
    const { writable, set } = Object.getOwnPropertyDescriptor(module, key)
    if (writable || set) module[key] = wrapped
  }
}

function wrapMethods(prefix, prototype, keys) {
  for (const key of keys) {
    const value = prototype[key]
    prototype[key] = function wrapped(...args) {
      return called(`${prefix}.${key}`, wrapped, () => value.apply(this, args))
    }
  }
}

/** Its methods take no proxy for the profiler, and are given what is behind it. */
function wrapNative(binding) {
  const TimeProfiler = new Proxy(binding.TimeProfiler, {
    construct(target, args) {
      return called('native.new', null, () => new Proxy(new target(...args), PROFILER))
    },
  })
  return { ...binding, TimeProfiler }
}

const PROFILER = {
  get(target, key) {
    const value = target[key]
    if (typeof value !== 'function') return called(`native.${key}.get`, null, () => value)
    return (...args) => called(`native.${String(key)}`, null, () => value.apply(target, args))
  },
  set(target, key, value) {
    called(`native.${key}.set`, null, () => {
      target[key] = value
    })
    return true
  },
}

/** `wrapped`: what is looked for in the stack, below which our own code has to be; null: it is. */
function called(name, wrapped, go) {
  if (wrapped !== null && !isOurs(wrapped)) return go()
  const count = (counts.get(name) ?? 0) + 1
  counts.set(name, count)
  const isTold = fault === null || fails(name, count)
  if (isTold && CALLS) appendFileSync(CALLS, `${thread} ${name}\n`)
  return fault !== null && isTold ? HOW[fault.how](go) : go()
}

function fails(name, count) {
  if (fault.name !== name || fault.thread !== thread) return false
  return count === fault.at || (count > fault.at && fault.always)
}

function isOurs() {
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = 3
  Error.prepareStackTrace = undefined
  const holder = {}
  Error.captureStackTrace(holder, called)
  const [, ...lines] = holder.stack.split('\n')
  Object.assign(Error, { stackTraceLimit, prepareStackTrace })
  return (
    lines.find((line) => !line.includes('/soak/inject.mjs'))?.includes('/dist/bundle/') ?? false
  )
}

const HOW = {
  throws() {
    throw Object.assign(new Error('EIO: injected'), { code: 'EIO', errno: -5, syscall: 'injected' })
  },
  'is full'() {
    throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC', errno: -28 })
  },
  'is not there'() {
    throw Object.assign(new Error('ENOENT: injected'), { code: 'ENOENT', errno: -2 })
  },
  'throws nothing': () => {
    // biome-ignore lint/style/useThrowOnlyError: as foreign code may.
    throw undefined
  },
  'gives nothing': () => undefined,
  'gives an empty object': () => ({}),
  'gives a tree of nothing': () => ({ topDownRoot: null }),
  'gives a tree of nonsense': () => ({
    topDownRoot: {
      name: 5,
      children: [null, { contexts: 'x', children: 7 }],
      hitCount: Number.NaN,
    },
  }),
  /** The thread ends, or fails a moment later. */
  ends: () => exit(3),
  'fails later'(go) {
    setImmediate(() => {
      throw new Error('injected')
    })
    return go()
  },
  /** A worker that is there, and gone. */
  dies(go) {
    const worker = go()
    setImmediate(() => void worker.terminate())
    return worker
  },
}

/** The writer's thread has no environment and no preload of the app's: it gets ours. */
function inside(key, args) {
  if (key !== 'Worker') return args
  const env = Object.fromEntries(Object.entries({ FAULT, CALLS }).filter(([, value]) => value))
  return [args[0], { ...args[1], execArgv: ['--import', import.meta.url], env }]
}
