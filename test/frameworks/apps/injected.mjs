// Requests that come over no connection, with the trigger and without; what is answered as JSON.
import fastify5 from 'fastify'
import fastify4 from 'fastify4'
import { Hono } from 'hono'
import { profiler } from 'profview/fastify'
import { profiler as hono } from 'profview/hono'
import { findUser } from './shop.mjs'

const TRIGGERS = [{}, { 'x-profile': '1' }, { 'x-profile': 'html' }]

async function injected(fastify) {
  const app = fastify()
  app.register(profiler)
  app.get('/users/:id', (request) => findUser(request.params.id))
  const url = '/users/7'
  const all = TRIGGERS.map((headers) => app.inject({ url, headers }))
  const answers = await Promise.all(all)
  await app.close()
  return answers.map(({ statusCode, payload, headers }) => {
    return { status: statusCode, body: payload, id: headers['x-profile-id'] ?? null }
  })
}

async function requested() {
  const app = new Hono()
  app.use(hono())
  app.get('/users/:id', async (c) => c.json(await findUser(c.req.param('id'))))
  const all = TRIGGERS.map((headers) => app.request('/users/7', { headers }))
  const answers = (await Promise.all(all)).map(async (answer) => {
    const id = answer.headers.get('x-profile-id')
    return { status: answer.status, body: await answer.text(), id }
  })
  return Promise.all(answers)
}

const [five, four] = [await injected(fastify5), await injected(fastify4)]
console.log(JSON.stringify({ five, four, hono: await requested() }))
