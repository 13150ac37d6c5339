/**
 * The longest turn of the loop, in CPU time of its thread, from the first request that is followed
 * on, while two other processes keep the machine busy; processes of their own, each armed and warm.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { requestOf } from '../support/client.mjs'
import { ARMED, withServers } from '../support/servers.mjs'
import { summary } from '../support/statistics.mjs'
import { turnAbout } from '../support/turn-about.mjs'

const PROCESSES = 5
const REQUESTS = 30

export async function* stalls(app) {
  const busy = [1, 2].map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
  try {
    const { followed, alone } = await turnAbout(
      { followed: { 'x-profile': '1' }, alone: {} },
      PROCESSES,
      (trigger) => longestTurn(app, trigger),
    )
    yield {
      row: 'longest turn of the loop on a busy machine, first dump included',
      unit: 'ms',
      ...summary(followed),
    }
    yield {
      row: 'longest turn of the loop on a busy machine, nobody followed',
      unit: 'ms',
      ...summary(alone),
    }
  } finally {
    for (const child of busy) child.kill('SIGKILL')
  }
}

// --- internal ---

function longestTurn(app, trigger) {
  return withServers(app, async (start) => {
    const server = await start({ options: ARMED }, 2)
    // Compiling the app and its framework is not ours.
    await server.client.load(server.typical, 1000)
    await server.client.load(requestOf('/wait/5', { headers: server.headers }), 500)
    await sleep(1500)
    await server.ask('watchTurns')
    const bytes = requestOf('/wait/20', { headers: { ...server.headers, ...trigger } })
    for (let i = 0; i < REQUESTS; i++) await server.client.ask(bytes)
    await sleep(1500)
    return server.ask('longestTurn')
  })
}
