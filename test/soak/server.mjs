/**
 * The app of `answers.mjs`, bare or with the options that its parent says. It does what it is told:
 * `measure` itself, let the `profile` of another profiler be made, `end`.
 */
import { readdirSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { profiler } from '../../dist/bundle/index.mjs'
import { createApp } from './answers.mjs'

const { options, keepsEvents = true } = JSON.parse(process.argv[2])
const events = keepsEvents ? new Map() : { set() {}, [Symbol.iterator]: () => [].values() }
let written = 0
const middleware =
  options === null ? null : profiler({ ...options, onProfile: () => void written++ })
const server = createApp(middleware, events)
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', (what) => TOLD[what]())
// Nobody is left who could say so.
let isToldToEnd = false
process.on('disconnect', () => isToldToEnd || process.exit(1))

// --- internal ---

const TOLD = {
  measure() {
    globalThis.gc()
    const { rss, heapUsed, external } = process.memoryUsage()
    process.send({
      ...{ what: 'measure', rss, heap: heapUsed, external, written },
      descriptors: readdirSync('/proc/self/fd').length,
      listeners: listeners().reduce((sum, [, count]) => sum + count, 0),
    })
  },
  async profile() {
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await wait(100)
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    process.send({ what: 'profile', samples: profile.samples.length })
  },
  async end() {
    isToldToEnd = true
    server.close()
    server.closeAllConnections()
    process.send({ what: 'end', events: [...events], listeners: listeners(), written }, () =>
      process.disconnect(),
    )
  },
}

/** But for ours, which is there as long as something would be lost at the exit. */
function listeners() {
  const names = process.eventNames().filter((name) => name !== 'exit')
  return names.map((name) => [name, process.listenerCount(name)])
}
