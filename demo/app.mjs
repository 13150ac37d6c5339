/** The demo's app: one cluster worker. `demo/run.mjs` forks two of them. */
import express from 'express'
import { profiler } from 'profview'
import { openPool } from './shop/db/pool.mjs'
import { createShop } from './shop/routes.mjs'

const pool = openPool({ port: Number(process.env.DATABASE_PORT), size: 4 })

const app = express()
app.use(profiler({ labels: () => ({ app: 'profview-demo' }) }))
app.use(express.json())
app.use(createShop(pool))

const server = app.listen(0, '127.0.0.1')

process.on('message', (message) => {
  if (message !== 'stop') return
  server.close(() => {
    pool.close()
    process.disconnect()
  })
  server.closeIdleConnections()
})
// Ctrl-C reaches the whole group; the primary decides what happens then.
process.on('SIGINT', () => {})
