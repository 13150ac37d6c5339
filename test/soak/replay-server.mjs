/** The app of `answers.mjs`, bare or with the options that its parent says, until it is told. */
import { setTimeout as wait } from 'node:timers/promises'
import { profiler } from '../../dist/bundle/index.mjs'
import { createApp } from './answers.mjs'

const options = JSON.parse(process.argv[2])
const events = new Map()
let written = 0
const middleware =
  options === null ? null : profiler({ ...options, onProfile: () => void written++ })
const server = createApp(middleware, events)
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))

process.once('message', async () => {
  server.close()
  server.closeAllConnections()
  const recorder = globalThis[Symbol.for('profview.recorder.1')]
  while (recorder?.backlog > 0) await wait(10)
  // Ours, as long as something would be lost at the exit.
  const names = process.eventNames().filter((name) => name !== 'exit')
  const listeners = names.map((name) => [name, process.listenerCount(name)])
  process.send({ events: [...events], listeners, written }, () => process.disconnect())
})
