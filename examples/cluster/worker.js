import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { profiler } from 'profview'

const app = express()
app.use(profiler())

app.get('/work', async (_request, response) => {
  await wait(20)
  response.json({ worker: process.pid })
})

const server = app.listen(process.env.PORT ?? 3000)
process.on('disconnect', () => server.closeIdleConnections())
