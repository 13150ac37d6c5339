// Has any of 10,000 requests waited longer, or less, than its dump says? `npm run bench:queued`;
// COUNT: requests in all, INTERVAL: of the sampler, ms.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge, LOADS, summary } from '../test/truth/queue/client.mjs'

const COUNT = Number(process.env.COUNT ?? 10_000)
const interval = Number(process.env.INTERVAL ?? 1)
const dir = mkdtempSync(join(tmpdir(), 'profview-queued-'))
const count = Math.ceil(COUNT / (LOADS.length * 4))
const wanted = process.argv.slice(2)

console.log(`Node ${process.version}, ${count} requests each, samples every ${interval} ms; ms`)
for (const workers of [0, 2]) {
  for (const load of LOADS) {
    for (const keepAlive of [true, false]) {
      if (wanted.length > 0 && !wanted.includes(load)) continue
      const found = summary(await judge({ load, keepAlive, workers, interval, count, dir }))
      const name = `${load}, ${keepAlive ? 'kept alive' : 'new'}${workers > 0 ? ', cluster' : ''}`
      const shown = Object.entries(found).map(([key, value]) => `${key} ${short(value)}`)
      console.log(`${name.padEnd(28)} ${shown.join(' · ')}`)
      if (found.overs.length + found.unders.length > 0) process.exitCode = 1
    }
  }
}
rmSync(dir, { recursive: true, force: true })

function short(value) {
  if (Array.isArray(value))
    return `${value.length}${value.map((each) => ` ${each.toFixed(2)}`).join('')}`
  return Number.isInteger(value) ? value : value.toFixed(1)
}
