/** The app's cluster. A worker ends with this process, whatever ends it. */
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const APP = fileURLToPath(new URL('../app.mjs', import.meta.url))

/** Forks the workers and resolves to the port that they share. */
export async function startWorkers(count, env) {
  cluster.setupPrimary({ exec: APP, args: [] })
  const workers = Array.from({ length: count }, () => cluster.fork(env))
  const ports = await Promise.all(workers.map(portOf))
  return ports[0]
}

/** Lets every request end and every worker leave. */
export async function stopWorkers() {
  const workers = Object.values(cluster.workers ?? {})
  await Promise.all(
    workers.map((worker) => {
      const left = once(worker, 'exit')
      if (worker.isConnected()) worker.send('stop')
      return left
    }),
  )
}

export function killWorkers() {
  for (const worker of Object.values(cluster.workers ?? {})) worker.process.kill('SIGKILL')
}

function portOf(worker) {
  return new Promise((resolve, reject) => {
    worker.once('listening', ({ port }) => resolve(port))
    worker.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)))
  })
}
