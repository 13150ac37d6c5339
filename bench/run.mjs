/**
 * `npm run bench`: what profview costs, row by row, on this Node. Needs `npm run build`. Each group
 * measures in turns, in processes of its own. `--check` ends with 1 where a row is worse than what
 * is said, beyond the scatter of both.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare, readFigures, writeFigures } from './figures.mjs'
import { amount, table } from './print.mjs'

const WITH_APP = ['requests', 'share', 'neighbours', 'awaits']
const GROUPS = [
  ...[...WITH_APP, 'stalls', 'account', 'mount', 'kept', 'idle', 'off-path'],
  ...WITH_APP.map((name) => `app-${name}`),
  ...['show', 'many', 'merge', 'page'],
]
const NODE = Number.parseInt(process.versions.node, 10)

const HELP = `npm run bench -- [groups...]
  --json   one line of JSON for each row
  --check  against the figures of docs/cost.md
  --write  puts what was measured into those tables
groups: ${GROUPS.join(', ')}`

const { values: flags, positionals } = readArguments()
if (flags.help) {
  console.log(HELP)
  process.exit()
}

const unknown = positionals.filter((name) => !GROUPS.includes(name))
if (unknown.length > 0) {
  console.error(`no such group: ${unknown.join(', ')}; there are ${GROUPS.join(', ')}`)
  process.exit(2)
}

const figures = readFigures()
const rows = []
const wanted = positionals.length > 0 ? positionals : GROUPS
for (const group of wanted) {
  if (!flags.json) console.error(`${group} …`)
  for (const row of await measure(group)) {
    const known = { node: NODE, aim: figures.get(row.row)?.aim ?? null, ...row }
    rows.push(known)
    if (flags.json) console.log(JSON.stringify(known))
  }
}
if (flags.write) writeFigures(rows, NODE)
const verdicts = rows.map((row) => compare(row, figures.get(row.row), NODE))
if (!flags.json) print()
if (flags.check && verdicts.some((verdict) => verdict.fails)) process.exitCode = 1

// --- internal ---

function readArguments() {
  const options = Object.fromEntries(
    ['json', 'check', 'write', 'help'].map((name) => [name, { type: 'boolean', default: false }]),
  )
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    console.error(`${error.message.split('. ')[0]}\n${HELP}`)
    process.exit(2)
  }
}

/** In a process of its own: what one group leaves on the heap is none of the next one's. */
async function measure(group) {
  const script = fileURLToPath(new URL('./support/measure-group.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, group], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const found = []
  child.on('message', (row) => found.push(row))
  const [code] = await once(child, 'close')
  if (code !== 0) {
    console.error(`${group} failed`)
    process.exitCode = 1
  }
  return found
}

function print() {
  console.log(`\nNode ${process.version}; medians, and between what they lie\n`)
  const header = ['', 'measured', '', 'aim', ...(flags.check ? ['said', ''] : ['', ''])]
  const lines = rows.map((row, i) => [
    row.row,
    row.value === undefined ? '' : amount(row.value, row.unit),
    row.value === undefined ? row.note : `${amount(row.low)} – ${amount(row.high)}`,
    row.aim ?? '',
    ...(flags.check ? [verdicts[i].said, verdicts[i].text] : [row.note ?? '', '']),
  ])
  console.log(table([header, ...lines]))
}
