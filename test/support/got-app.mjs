// An app for `profview get`: `node got-app.mjs <workers> <JSON of options>`; 0: no cluster. Tells
// its parent its ports: its own, or each worker's, and that of another origin.
import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import express from 'express'
import { profiler } from 'profview'

/** What this process was asked, and the headers of the last that was no question. */
const seen = []
let last = {}

const [workers, options] = process.argv.slice(2)

if (cluster.isPrimary && Number(workers) > 0) {
  const all = Array.from({ length: Number(workers) }, () => cluster.fork())
  const told = await Promise.all(all.map(async (worker) => (await once(worker, 'message'))[0]))
  process.on('disconnect', () => process.exit())
  process.send({ ports: told.flatMap(({ ports }) => ports), elsewhere: told[0].elsewhere })
} else {
  const settings = JSON.parse(options)
  const ports = [await listening(appOf(settings))]
  const elsewhere = await listening(appOf(settings))
  process.on('disconnect', () => process.exit())
  process.send({ ports, elsewhere })
}

function appOf(settings) {
  const app = express()
  let count = 0
  app.get('/seen', (_request, response) => response.json({ seen, last }))
  app.use((request, _response, next) => {
    seen.push(`${request.method} ${request.url}`)
    last = request.headers
    next()
  })
  app.get('/plain', (_request, response) => response.send('not profiled'))
  app.use(profiler({ ...settings, logger: { info() {}, warn() {} } }))
  app.get('/hello', (_request, response) => response.send('hello'))
  app.get('/sometimes', (_request, response) => {
    setTimeout(() => response.send('x'), count++ % 4 === 0 ? 200 : 20)
  })
  app.get('/old', (_request, response) => response.redirect('/hello'))
  app.post('/form', express.text({ type: '*/*' }), (request, response) => {
    response.status(201).send(request.body)
  })
  app.post('/moved', (_request, response) => response.redirect(303, '/hello'))
  app.get('/loop', (_request, response) => response.redirect('/loop'))
  app.get('/away', (request, response) =>
    response.redirect(`http://127.0.0.1:${request.query.to}/hello`),
  )
  app.get('/file', (_request, response) => response.redirect('file:///etc/passwd'))
  app.get('/cut', (_request, response) => response.socket.destroy())
  app.get('/204', (_request, response) => response.sendStatus(204))
  return app
}

async function listening(app) {
  const server = createServer(app).listen({ port: 0, host: '127.0.0.1', exclusive: true })
  await once(server, 'listening')
  return server.address().port
}
