/**
 * Sales of a month by article, with what is bought together. Computed in one go, which is the
 * mistake.
 */
export function buildReport(orders) {
  const sales = sumByArticle(orders)
  const pairs = countPairs(orders)
  return {
    orders: orders.length,
    best: topOf(sales, 10),
    together: topOf(pairs, 10),
  }
}

function sumByArticle(orders) {
  const cents = new Map()
  for (const order of orders) {
    for (const line of order.lines) add(cents, line.article, line.quantity * line.cents)
  }
  return cents
}

function countPairs(orders) {
  const counts = new Map()
  for (const { lines } of orders) {
    for (let i = 0; i < lines.length; i++) {
      for (let j = i + 1; j < lines.length; j++) {
        add(counts, pairName(lines[i].article, lines[j].article), 1)
      }
    }
  }
  return counts
}

function pairName(one, other) {
  return one < other ? `${one} + ${other}` : `${other} + ${one}`
}

function add(sums, key, value) {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

function topOf(sums, count) {
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, count)
}
