// Routers below prefixes, by `KIND`: all have a user at /api/v1/users/:id.
import { findUser } from './shop.mjs'

const isMounted = process.env.MOUNT === 'app'
const where = { port: Number(process.env.PORT), host: '127.0.0.1' }

const APPS = {
  async express() {
    const { default: express } = await import('express')
    const [app, api, v1] = [express(), express(), express.Router()]
    if (isMounted) app.use((await import('profview')).profiler())
    v1.get('/users/:id', async (request, response) => {
      response.json(await findUser(request.params.id))
    })
    api.use('/v1', v1)
    app.use('/api', api).listen(where.port, where.host)
  },

  async fastify() {
    const { default: fastify } = await import('fastify')
    const app = fastify()
    if (isMounted) app.register((await import('profview/fastify')).profiler)
    const users = async (v1) => v1.get('/users/:id', (request) => findUser(request.params.id))
    app.register(async (api) => api.register(users, { prefix: '/v1' }), { prefix: '/api' })
    await app.listen(where)
  },

  async 'koa-mount'() {
    const [{ default: Koa }, router] = await koaWithUsers({ prefix: '/v1' })
    const { default: mount } = await import('koa-mount')
    const [app, api] = [new Koa(), new Koa()]
    if (isMounted) app.use((await import('profview/koa')).profiler())
    api.use(router.routes())
    app.use(mount('/api', api)).listen(where.port, where.host)
  },

  async 'koa, prefixes of its router'() {
    const [{ default: Koa }, inner, Router] = await koaWithUsers({ prefix: '/v1' })
    const app = new Koa()
    if (isMounted) app.use((await import('profview/koa')).profiler())
    const outer = new Router({ prefix: '/api' })
    outer.use(inner.routes())
    app.use(outer.routes()).listen(where.port, where.host)
  },

  async hono() {
    const [{ Hono }, { serve }] = [await import('hono'), await import('@hono/node-server')]
    const [app, v1] = [new Hono(), new Hono().basePath('/v1')]
    if (isMounted) app.use((await import('profview/hono')).profiler())
    v1.get('/users/:id', async (c) => c.json(await findUser(c.req.param('id'))))
    app.route('/api', v1)
    serve({ fetch: app.fetch, port: where.port, hostname: where.host })
  },
}

async function koaWithUsers(options) {
  const [koa, { default: Router }] = [await import('koa'), await import('@koa/router')]
  const router = new Router(options)
  router.get('/users/:id', async (ctx) => {
    ctx.body = await findUser(ctx.params.id)
  })
  return [koa, router, Router]
}

await APPS[process.env.KIND]()
