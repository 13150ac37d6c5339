// Answers on a thread of its own: to `150` after 150 ms, with the time of sending (ms since the
// epoch). `workerData` counts what was sent.
import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

const server = createServer((socket) => {
  socket.setNoDelay()
  socket.on('error', () => {})
  socket.on('data', (data) => {
    setTimeout(() => {
      socket.write(`${performance.timeOrigin + performance.now()}\n`)
      Atomics.add(workerData, 0, 1)
    }, Number(data))
  })
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
