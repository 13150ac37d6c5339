import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { stream, streamSSE } from 'hono/streaming'
import { clockedWork, events, findItems, findUser, lines, sizeOf, sleep } from './shop.mjs'

const app = new Hono()
if (process.env.MOUNT === 'app') app.use((await import('profview/hono')).profiler())

app.get('/hello', async (c) => {
  await sleep(5)
  return c.text('hello')
})
app.get('/users/:id', async (c) => c.json(await findUser(c.req.param('id'))))
const shop = new Hono()
shop.get('/orders/:order/items', async (c) => c.json(await findItems(c.req.param('order'))))
app.route('/shop', shop)
app.post('/echo', async (c) => c.json(await c.req.json()))
app.onError((_error, c) => c.text('Internal Server Error', 500))
app.get('/fail', async () => {
  await sleep(5)
  throw new Error('as it should')
})
app.get('/lines', (c) => {
  c.header('Content-Type', 'text/plain')
  return stream(c, async (out) => {
    for await (const line of lines()) await out.write(line)
  })
})
app.get('/events', (c) =>
  streamSSE(c, async (out) => {
    for await (const event of events()) await out.write(event)
  }),
)
app.get('/slow/:id', async (c) => {
  await sleep(60_000, null, { ref: false })
  return c.text('late')
})
app.put('/files/:name', async (c) => c.json({ size: await sizeOf(c.req.raw.body) }))
app.get('/clocked/:name', async (c) => c.json(await clockedWork(c.req.param('name'))))

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })
