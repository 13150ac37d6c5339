/**
 * The figures of docs/cost.md are the only copy of them: tables with a first column
 * of what was measured, an aim, and a column for each Node, `1.8 ± 0.6 µs`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { amountWithin } from './print.mjs'

const FILES = [fileURLToPath(new URL('../docs/cost.md', import.meta.url))]

/** Row → `{ aim, said }`, `said` by the major version of Node; of all tables. */
export function readFigures() {
  const figures = new Map()
  for (const file of FILES) {
    for (const { row, columns, cells } of rowsOf(readFileSync(file, 'utf8'))) {
      const aim = cells[columns.get('aim')] || null
      const nodes = [...columns].filter(([name]) => name !== 'aim')
      figures.set(row, { aim, said: Object.fromEntries(nodes.map(([n, at]) => [n, cells[at]])) })
    }
  }
  return figures
}

/** Puts what was measured into the tables that have such a row. */
export function writeFigures(measured, node) {
  const byRow = new Map(measured.filter(({ value }) => value !== undefined).map((m) => [m.row, m]))
  for (const file of FILES) {
    const lines = readFileSync(file, 'utf8').split('\n')
    for (const { at, row, columns, cells } of rowsOf(lines.join('\n'))) {
      const column = columns.get(String(node))
      if (!byRow.has(row) || column === undefined) continue
      const changed = cells.with(column, amountWithin(byRow.get(row)))
      lines[at] = `| ${changed.join(' | ')} |`.replaceAll('|  |', '| |')
    }
    writeFileSync(file, lines.join('\n'))
  }
}

/**
 * `{ said, text, fails }`: does what was measured bear out what is said of this Node? Where the
 * scatter of both overlaps, it does; less than is said is no failure.
 */
export function compare({ value, low, high }, figure, node) {
  if (value === undefined) return { said: '', text: 'not measured', fails: false }
  const said = figure?.said[node]
  const [, middle, within] = FIGURE.exec(said ?? '') ?? []
  if (middle === undefined) return { said: said ?? '', text: 'nothing is said', fails: false }
  const [least, most] = [toNumber(middle) - toNumber(within), toNumber(middle) + toNumber(within)]
  if (low > most) return { said, text: 'WORSE', fails: true }
  return { said, text: high < least ? 'less than is said' : 'holds', fails: false }
}

// --- internal ---

/** `1.8 ± 0.6 µs`; a minus as the tables have it. */
const FIGURE = /^([-\d.,]+) ± ([\d.,]+)/

function toNumber(text) {
  return Number(text.replaceAll(',', ''))
}

/** `columns`: of the aim and of each Node's major version, by the table's header. */
function rowsOf(text) {
  const rows = []
  let columns = null
  for (const [at, line] of text.split('\n').entries()) {
    if (!line.startsWith('|')) columns = null
    else {
      const cells = line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim())
      if (columns === null) columns = columnsOf(cells)
      else if (columns.size > 0) rows.push({ at, row: cells[0], columns, cells })
    }
  }
  return rows
}

function columnsOf(header) {
  const named = header.map((name, at) => [/^Node (\d+)$/.exec(name)?.[1] ?? name, at])
  const columns = new Map(named.filter(([name]) => /^(aim|\d+)$/.test(name)))
  return columns.has('aim') ? columns : new Map()
}
