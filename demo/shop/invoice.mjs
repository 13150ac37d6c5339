import { readFile } from 'node:fs/promises'
import { renderTemplate } from './template.mjs'

const TEMPLATE = new URL('./templates/invoice.html', import.meta.url)
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' })

/** The invoice of an order, as a page. */
export async function renderInvoice(user, order) {
  const template = await readFile(TEMPLATE, 'utf8')
  return renderTemplate(template, {
    user,
    number: order.id,
    date: order.placedAt.toISOString().slice(0, 10),
    lines: order.lines.map(toInvoiceLine),
    total: formatMoney(order.lines.reduce((sum, line) => sum + line.quantity * line.cents, 0)),
  })
}

function toInvoiceLine({ article, quantity, cents }) {
  return { article, quantity, price: formatMoney(cents), sum: formatMoney(quantity * cents) }
}

function formatMoney(cents) {
  return money.format(cents / 100)
}
