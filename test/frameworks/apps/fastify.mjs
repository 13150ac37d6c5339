import { Readable } from 'node:stream'
import { clockedWork, events, findItems, findUser, lines, sizeOf, sleep } from './shop.mjs'

// `fastify`, as an app would write it; or `fastify4`.
const { default: fastify } = await import(process.env.PACKAGE ?? 'fastify')

const app = fastify()
if (process.env.MOUNT === 'app') app.register((await import('profview/fastify')).profiler)

app.get('/hello', async () => {
  await sleep(5)
  return 'hello'
})
app.get('/users/:id', async (request) => findUser(request.params.id))
app.register(
  async (shop) => {
    shop.get('/orders/:order/items', async (request) => findItems(request.params.order))
  },
  { prefix: '/shop' },
)
app.post('/echo', async (request) => request.body)
app.get('/fail', async () => {
  await sleep(5)
  throw new Error('as it should')
})
app.get('/lines', (_request, reply) => reply.type('text/plain').send(Readable.from(lines())))
app.get('/events', (_request, reply) =>
  reply.type('text/event-stream').send(Readable.from(events())),
)
app.get('/slow/:id', async () => {
  await sleep(60_000, null, { ref: false })
  return 'late'
})
app.addContentTypeParser('application/octet-stream', (_request, payload, done) =>
  done(null, payload),
)
app.put('/files/:name', async (request) => ({ size: await sizeOf(request.body) }))
app.get('/clocked/:name', async (request) => clockedWork(request.params.name))

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
