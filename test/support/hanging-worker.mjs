/** `hanging-app.mjs` in a worker thread, below a main thread that knows nothing of it. */
import { Worker } from 'node:worker_threads'

const worker = new Worker(new URL('hanging-app.mjs', import.meta.url), { name: 'reports' })
const alone = () => process.exit(1)
worker.on('message', (message) => process.send(message))
worker.on('exit', (code) => {
  process.exitCode = code
})
process.on('disconnect', alone)
process.on('message', () => {
  process.removeListener('disconnect', alone)
  worker.postMessage('end')
  process.disconnect()
})
