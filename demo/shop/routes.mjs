import { Router } from 'express'
import { findOrder, findOrders, findOrdersOfMonth } from './data/orders.mjs'
import { saveSession } from './data/sessions.mjs'
import { loadUser, searchUsers } from './data/users.mjs'
import { renderInvoice } from './invoice.mjs'
import { verifyPassword } from './passwords.mjs'
import { buildReport } from './report.mjs'
import { compress } from './responses.mjs'

/** The shop's API over a pool of database connections. */
export function createShop(pool) {
  const shop = Router()

  shop.get('/users/:id', async function getUser(request, response) {
    const user = await loadUser(pool, request.params.id)
    const orders = await findOrders(pool, user.id)
    response.json({ ...user, orders: orders.map(toSummary) })
  })

  shop.get('/orders/:id/invoice', async function getInvoice(request, response) {
    const order = await findOrder(pool, request.params.id)
    const user = await loadUser(pool, order.userId)
    const html = await renderInvoice(user, order)
    response
      .set('Content-Encoding', 'gzip')
      .type('html')
      .send(await compress(html))
  })

  shop.post('/login', async function login(request, response) {
    const user = await loadUser(pool, request.body.user)
    const isValid = await verifyPassword(user, request.body.password)
    if (!isValid) return response.status(401).json({ error: 'wrong user or password' })
    response.status(201).json({ session: await saveSession(pool, user) })
  })

  // The slow one: a page at a time, and patient with the database.
  shop.get('/search', async function search(request, response) {
    response.json({ users: await searchUsers(pool, String(request.query.q ?? '')) })
  })

  // The one that hogs the loop: everybody else on this worker waits.
  shop.get('/report', async function getReport(_request, response) {
    const orders = await findOrdersOfMonth(pool)
    response.json(buildReport(orders))
  })

  return shop
}

function toSummary({ id, placedAt, lines }) {
  return { id, placedAt, items: lines.length }
}
