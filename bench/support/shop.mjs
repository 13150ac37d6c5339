/** An app as they are: sessions, a body parser, routers in routers, a database behind a pool. */
import express from 'express'
import session from 'express-session'
import pg from 'pg'

const PRODUCTS = 200

export async function addShop(app, port) {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  app.use(express.json())
  app.use(session({ secret: 'bench', resave: false, saveUninitialized: true }))
  app.use('/api', api(pool))
}

/** Once for each database. */
export async function fillDatabase(port) {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  await client.connect()
  await client.query('create table products (id int primary key, name text, cents int)')
  await client.query('create table baskets (customer int, product int, amount int)')
  await client.query(
    `insert into products select n, 'product ' || n, 100 * n from generate_series(1, ${PRODUCTS}) n`,
  )
  await client.end()
}

// --- internal ---

function api(pool) {
  const router = express.Router()
  router.use('/customers/:customer/basket', basket(pool))
  return router
}

function basket(pool) {
  const router = express.Router({ mergeParams: true })
  router.post('/', async (request, response) => {
    const { product, amount } = check(request.body)
    const found = await findProduct(pool, product)
    const similar = await findSimilar(pool, found.cents)
    request.session.seen = (request.session.seen ?? 0) + 1
    response.json({
      customer: Number(request.params.customer),
      total: found.cents * amount,
      similar: similar.map(({ id, name }) => ({ id, name })),
    })
  })
  return router
}

function check({ product, amount }) {
  if (!Number.isInteger(product) || !Number.isInteger(amount)) throw new TypeError('no order')
  return { product, amount }
}

async function findProduct(pool, id) {
  const { rows } = await pool.query('select id, name, cents from products where id = $1', [id])
  return rows[0]
}

async function findSimilar(pool, cents) {
  const sql = 'select id, name from products where cents between $1 and $2 order by cents limit 10'
  const { rows } = await pool.query(sql, [cents - 500, cents + 500])
  return rows
}
