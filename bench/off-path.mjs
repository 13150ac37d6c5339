/**
 * What a request that is not profiled pays for the middleware: nanoseconds per call, with `next`
 * and an unremarkable request, against calling `next` directly.
 *
 *     node bench/off-path.mjs
 */
import { profiler } from '../dist/index.js'

const CALLS = 200_000
const ROUNDS = 15

const request = (url) => ({
  method: 'GET',
  url,
  originalUrl: url,
  headers: { host: 'localhost', accept: '*/*', 'user-agent': 'bench', cookie: 'a=b' },
  socket: { remoteAddress: '127.0.0.1' },
})

/** What is looked at of a response; its end never comes. */
const response = { socket: null, on() {} }
const logger = { info() {}, warn() {} }
const bare = (_request, _response, next) => next()
const cases = [
  ['mounted, nothing triggered, unarmed', profiler({ arm: 'trigger', logger }), '/users/7?page=2'],
  ['mounted, nothing triggered, armed', profiler({ logger }), '/users/7?page=2'],
  ['the same, "profile" in the path', profiler({ logger }), '/profile/7?page=2'],
  ['the same, "profile" in the query', profiler({ logger }), '/users/7?profile_id=2'],
  ['a share of 1e-9', profiler({ mode: 1e-9, logger }), '/users/7?page=2'],
  ['production, not configured', inProduction(() => profiler({ logger })), '/users/7?page=2'],
  ['off', profiler({ mode: 'off', logger }), '/users/7?page=2'],
]

for (const [name, middleware, url] of cases) {
  const pairs = Array.from({ length: ROUNDS }, () => [round(middleware, url), round(bare, url)])
  const cost = median(pairs.map(([with_, without]) => with_ - without))
  console.log(`${name.padEnd(40)} ${cost.toFixed(0).padStart(6)} ns a request`)
}

/** Nanoseconds a call. Requests are made beforehand: each is seen once, as in life. */
function round(middleware, url) {
  const requests = Array.from({ length: CALLS }, () => request(url))
  let called = 0
  const next = () => {
    called++
  }
  const start = process.hrtime.bigint()
  for (let i = 0; i < CALLS; i++) middleware(requests[i], response, next)
  const took = Number(process.hrtime.bigint() - start)
  if (called !== CALLS) throw new Error('a request was lost')
  return took / CALLS
}

function inProduction(make) {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    return make()
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}
