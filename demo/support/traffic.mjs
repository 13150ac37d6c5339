/** A crowd of clients, some of whose requests ask to be profiled. */
import { Agent, request } from 'node:http'

const SEED = 7
/** Seconds. */
const LONGEST = 12
/** The first requests meet code that has not been compiled yet. */
const WARM_UP_MS = 700

/**
 * Sends requests for `seconds`, or longer where the machine is slow and `least` were not served by
 * then. Resolves to what was sent. `clients` of them are under way at any time, one in `every` is
 * triggered. `onProgress` is called after each response.
 */
export async function sendTraffic({ port, seconds, least, clients, every, onProgress }) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const random = seeded(SEED)
  const counts = { requests: 0, profiled: 0, failed: 0 }
  const start = performance.now()
  const isOver = () => {
    const passed = (performance.now() - start) / 1000
    return (passed > seconds && counts.requests >= least) || passed > LONGEST
  }
  let turn = 0
  async function runClient() {
    while (!isOver()) {
      const isWarm = performance.now() - start > WARM_UP_MS
      const isTriggered = isWarm && turn++ % every === 0
      const outcome = await send({ agent, port, ...pick(random), isTriggered })
      counts.requests++
      if (outcome.isProfiled) counts.profiled++
      if (outcome.status >= 400) counts.failed++
      onProgress(counts)
    }
  }
  try {
    await Promise.all(Array.from({ length: clients }, runClient))
  } finally {
    agent.destroy()
  }
  return counts
}

function pick(random) {
  const id = 1 + Math.floor(random() * 50)
  const dice = random()
  if (dice < 0.4) return { path: `/users/${id}` }
  if (dice < 0.7) return { path: `/orders/${id}/invoice` }
  if (dice < 0.82) return { path: '/search?q=ada' }
  if (dice < 0.92) return { path: '/login', body: JSON.stringify({ user: id, password: 'secret' }) }
  return { path: '/report' }
}

function send({ agent, port, path, body, isTriggered }) {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(isTriggered ? { 'x-profile': '1' } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    }
    const method = body ? 'POST' : 'GET'
    request({ agent, host: '127.0.0.1', port, path, method, headers }, (response) => {
      const isProfiled = response.headers['x-profile-id'] !== undefined
      response
        .on('error', reject)
        .on('end', () => resolve({ status: response.statusCode, isProfiled }))
        .resume()
    })
      .on('error', reject)
      .end(body)
  })
}

/** The same crowd every time. */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
