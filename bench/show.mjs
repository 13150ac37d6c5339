/**
 * What `profview show` of a 1 MB dump takes, against a Node that does nothing: whole processes,
 * taking turns, because the machine is not ours alone. Needs `npm run build`. Options: --runs 15
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generateProfile } from './support/generate.mjs'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } })
const bin = fileURLToPath(new URL('../bin/profview.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'profview-bench-'))
try {
  const file = join(folder, 'dump.cpuprofile')
  const bytes = generateProfile(60_000, 2_000)
  writeFileSync(file, bytes)
  const programs = {
    'node -e 0': ['-e', '0'],
    'profview --version': [bin, '--version'],
    'profview show': [bin, 'show', file],
  }
  const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]))
  // The first round fills the caches.
  for (let run = 0; run <= Number(values.runs); run++) {
    for (const [name, args] of Object.entries(programs)) {
      const start = performance.now()
      const { status } = spawnSync(process.execPath, args)
      if (status !== 0) throw new Error(`${name} failed`)
      if (run > 0) times[name].push(performance.now() - start)
    }
  }
  console.log(`Node ${process.version}, a dump of ${(bytes.length / 1e6).toFixed(1)} MB`)
  for (const [name, all] of Object.entries(times)) {
    const ratio = median(all) / median(times['node -e 0'])
    console.log(`${name.padEnd(20)} median ${median(all).toFixed(0)} ms, ratio ${ratio.toFixed(2)}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]
}
