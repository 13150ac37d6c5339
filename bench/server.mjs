// The server under test. argv: off | unarmed | armed | slow. Prints its port; answers any message
// with what it has used.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import express from 'express'

const mode = process.argv[2]
const app = express()
let finished = 0
if (mode === 'off') {
  // Express' own price of one more middleware is not ours.
  app.use((_request, _response, next) => next())
} else {
  const { profiler } = await import('../dist/index.js')
  app.use(
    profiler({
      dir: process.argv[3] ?? mkdtempSync(join(tmpdir(), 'profview-bench-')),
      arm: mode === 'unarmed' ? 'trigger' : 'start',
      ...(mode === 'slow' ? { slow: 500 } : {}),
      limits: { concurrent: 1000, perMinute: 1e9, files: 50 },
      onProfile: () => finished++,
    }),
  )
}
app.get('/', (_request, response) => response.send('hello'))
app.get('/awaits/:count', async (request, response) => {
  const count = Number(request.params.count)
  const start = performance.now()
  for (let i = 0; i < count; i++) await null
  response.send(String((performance.now() - start) * 1000))
})
app.get('/wait/:ms', (request, response) => {
  setTimeout(() => response.send('done'), Number(request.params.ms))
})

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', (message) => {
  if (message === 'reset') delay.reset()
  if (message === 'collect') globalThis.gc()
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const cpuMs = (user + system) / 1000
  process.send({ rss, heapUsed, finished, cpuMs, maxDelayMs: delay.max / 1e6 })
})
process.on('disconnect', () => process.exit())
