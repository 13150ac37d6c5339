import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'

// Each worker has a profiler of its own; all write their dumps to one directory.
cluster.setupPrimary({ exec: fileURLToPath(new URL('worker.js', import.meta.url)) })
for (let i = 0; i < 2; i++) cluster.fork()

cluster.on('listening', (_worker, { port }) => {
  console.log(`http://localhost:${port}/work?profile=1`)
})
process.on('SIGTERM', () => cluster.disconnect())
