/** One order with its lines. */
export async function findOrder(pool, id) {
  const [row] = await pool.query('select order', { id })
  return toOrder(row)
}

/** The orders of a user, newest first. */
export async function findOrders(pool, userId) {
  const rows = await pool.query('select orders', { userId, limit: 20 })
  return rows.map(toOrder).sort((a, b) => b.placedAt - a.placedAt)
}

/** Every order of this month. */
export async function findOrdersOfMonth(pool) {
  const rows = await pool.query('select orders', { userId: '*', limit: 400 })
  return rows.map(toOrder)
}

function toOrder({ id, userId, placedAt, lines }) {
  return { id, userId, placedAt: new Date(placedAt), lines: lines.map(toLine) }
}

function toLine([article, quantity, cents]) {
  return { article, quantity, cents }
}
