/** The desk's thread: takes messages in order, counts each one when it is done with it. */
import { parentPort, workerData } from 'node:worker_threads'
import type { DeskMessage } from './desk-messages.js'
import { DumpDesk } from './dump-desk.js'

const desk = new DumpDesk()
const handled = new Int32Array(workerData as SharedArrayBuffer)

parentPort?.on('message', (message: DeskMessage) => {
  const answer = desk.handle(message)
  if (answer !== null) parentPort?.postMessage(answer)
  Atomics.add(handled, 0, 1)
  Atomics.notify(handled, 0)
})
