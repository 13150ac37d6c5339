// A cluster whose workers have a port each, which the primary prints: who is asked is known.
const cluster = require('node:cluster')
if (cluster.isPrimary) {
  for (let i = 0; i < Number(process.env.WORKERS); i++) cluster.fork()
  cluster.on('message', (worker, port) => console.log(`${worker.id} ${worker.process.pid} ${port}`))
} else {
  const express = require('express')
  const { profiler } = require('profview')
  const burn = (ms) => {
    const end = performance.now() + ms
    while (performance.now() < end);
  }
  const render = () => burn(4)
  const app = express()
  app.use(profiler())
  app.get('/page', (_request, response) => {
    render()
    response.end()
  })
  app.get('/hang', (_request, response) => {
    response.end()
    setTimeout(() => {
      for (;;);
    }, 50)
  })
  const server = require('node:http').createServer(app)
  const own = { port: 0, host: '127.0.0.1', exclusive: true }
  server.listen(own, () => process.send(server.address().port))
  process.on('disconnect', () => process.exit())
}
