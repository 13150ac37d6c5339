import { Readable } from 'node:stream'
import Router from '@koa/router'
import Koa from 'koa'
import { clockedWork, events, findItems, findUser, lines, sizeOf, sleep } from './shop.mjs'

const app = new Koa({ silent: true })
app.silent = true
if (process.env.MOUNT === 'app') app.use((await import('profview/koa')).profiler())

const shop = new Router()
shop.get('/orders/:order/items', async (ctx) => {
  ctx.body = await findItems(ctx.params.order)
})

const router = new Router()
router.get('/hello', async (ctx) => {
  await sleep(5)
  ctx.body = 'hello'
})
router.get('/users/:id', async (ctx) => {
  ctx.body = await findUser(ctx.params.id)
})
router.use('/shop', shop.routes())
router.post('/echo', async (ctx) => {
  const chunks = []
  for await (const chunk of ctx.req) chunks.push(chunk)
  ctx.body = JSON.parse(Buffer.concat(chunks))
})
router.get('/fail', async () => {
  await sleep(5)
  throw new Error('as it should')
})
router.get('/lines', (ctx) => {
  ctx.type = 'text/plain'
  ctx.body = Readable.from(lines())
})
router.get('/events', (ctx) => {
  ctx.type = 'text/event-stream'
  ctx.body = Readable.from(events())
})
router.get('/slow/:id', async (ctx) => {
  await sleep(60_000, null, { ref: false })
  ctx.body = 'late'
})
router.put('/files/:name', async (ctx) => {
  ctx.body = { size: await sizeOf(ctx.req) }
})
router.get('/clocked/:name', async (ctx) => {
  ctx.body = await clockedWork(ctx.params.name)
})

app.use(router.routes()).listen(Number(process.env.PORT), '127.0.0.1')
