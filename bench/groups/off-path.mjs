/** The middleware called by itself, of a request that asks for nothing: over calling `next`. */
import { profiler } from 'profview'
import { more, turnAbout } from '../support/turn-about.mjs'

const CALLS = 100_000

export async function* offPath() {
  const logger = { info() {}, warn() {} }
  const variants = {
    bare: (_request, _response, next) => next(),
    unarmed: profiler({ arm: 'trigger', logger }),
  }
  await turnAbout(variants, 3, nanosOfCall)
  const { bare, unarmed } = await turnAbout(variants, 30, nanosOfCall)
  yield { row: 'mounted, unused: the call itself', unit: 'ns', ...more(unarmed, bare) }
}

// --- internal ---

/** Requests are made beforehand: each is seen once, as in life. */
function nanosOfCall(middleware) {
  const requests = Array.from({ length: CALLS }, requestLikeOthers)
  let called = 0
  const next = () => {
    called++
  }
  const start = process.cpuUsage()
  for (let i = 0; i < CALLS; i++) middleware(requests[i], RESPONSE, next)
  const { user, system } = process.cpuUsage(start)
  if (called !== CALLS) throw new Error('a request was lost')
  return ((user + system) * 1000) / CALLS
}

function requestLikeOthers() {
  return {
    method: 'GET',
    url: '/users/7?page=2',
    originalUrl: '/users/7?page=2',
    headers: { host: 'localhost', accept: '*/*', 'user-agent': 'bench', cookie: 'a=b' },
    socket: { remoteAddress: '127.0.0.1' },
  }
}

/** What is looked at of a response; its end never comes. */
const RESPONSE = { socket: null, on() {} }
