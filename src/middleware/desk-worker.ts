/** The desk's thread: takes messages in order, counts each one when it is done with it. */
import { type MessagePort, workerData } from 'node:worker_threads'
import { renderHtml } from '../render/html.js'
import type { DeskMessage } from './desk-messages.js'
import { DumpDesk } from './dump-desk.js'

const { handled, port } = workerData as { handled: Int32Array; port: MessagePort }
const desk = new DumpDesk(renderHtml)

port.on('message', (message: DeskMessage) => {
  const answer = desk.handle(message)
  if (answer !== null) {
    port.postMessage(answer, 'html' in answer && answer.html ? [answer.html.buffer] : [])
  }
  Atomics.add(handled, 0, 1)
  Atomics.notify(handled, 0)
})
