const { Readable } = require('node:stream')
const { clockedWork, events, findItems, findUser, lines, sizeOf, sleep } = require('./shop.mjs')

// `express`, as an app would write it; or `express4`.
const express = require(process.env.PACKAGE ?? 'express')

const app = express()
if (process.env.MOUNT === 'app') app.use(require('profview').profiler())

/** Express 4 knows nothing of promises. */
const handled = (handler) => (request, response, next) => handler(request, response).catch(next)

app.get(
  '/hello',
  handled(async (_request, response) => {
    await sleep(5)
    response.send('hello')
  }),
)
app.get(
  '/users/:id',
  handled(async (request, response) => response.json(await findUser(request.params.id))),
)
const shop = express.Router()
shop.get(
  '/orders/:order/items',
  handled(async (request, response) => response.json(await findItems(request.params.order))),
)
app.use('/shop', shop)
app.post('/echo', express.json(), (request, response) => response.json(request.body))
app.get(
  '/fail',
  handled(async () => {
    await sleep(5)
    throw new Error('as it should')
  }),
)
app.get('/lines', (_request, response) => {
  Readable.from(lines()).pipe(response.type('text/plain'))
})
app.get('/events', (_request, response) => {
  Readable.from(events()).pipe(response.type('text/event-stream'))
})
app.get(
  '/slow/:id',
  handled(async (_request, response) => {
    await sleep(60_000, null, { ref: false })
    response.send('late')
  }),
)
app.put(
  '/files/:name',
  handled(async (request, response) => response.json({ size: await sizeOf(request) })),
)
app.get(
  '/clocked/:name',
  handled(async (request, response) => response.json(await clockedWork(request.params.name))),
)

app.use((_error, _request, response, _next) => response.status(500).send('failed'))

app.listen(Number(process.env.PORT), '127.0.0.1')
