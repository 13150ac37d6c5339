/**
 * Reading a large .cpuprofile against `JSON.parse` on the same bytes: time, and memory held by the
 * result. Needs `npm run build`. Options: --samples 1000000 --nodes 100000 --rounds 5
 *
 * Each measurement runs in a process of its own, alternating, so that neither inherits a heap.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generateProfile } from './support/generate.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    samples: { type: 'string', default: '1000000' },
    nodes: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
  },
})

if (positionals.length === 2) await measureOne(positionals[0], positionals[1])
else compare()

function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'profview-bench-'))
  const file = join(folder, 'large.cpuprofile')
  try {
    const bytes = generateProfile(Number(values.samples), Number(values.nodes))
    writeFileSync(file, bytes)
    console.log(
      `${values.samples} samples, ${values.nodes} nodes, ${(bytes.length / 1e6).toFixed(1)} MB`,
    )
    const results = { profview: [], json: [] }
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const kind of ['json', 'profview']) {
        const self = fileURLToPath(import.meta.url)
        const out = execFileSync(process.execPath, ['--expose-gc', self, kind, file], {
          encoding: 'utf8',
        })
        results[kind].push(JSON.parse(out))
      }
    }
    report(results)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function report({ profview, json }) {
  for (const key of ['firstMs', 'bestMs', 'peakMb', 'heldMb']) {
    const [ours, theirs] = [profview, json].map((runs) => median(runs.map((run) => run[key])))
    const ratio = (ours / theirs).toFixed(2)
    console.log(
      `${key.padEnd(8)} profview ${ours.toFixed(1)}  JSON.parse ${theirs.toFixed(1)}  ratio ${ratio}`,
    )
  }
}

/**
 * One process: the first read, the best of four, the growth of RSS at the first read, and what is
 * kept.
 */
async function measureOne(kind, file) {
  const bytes = readFileSync(file)
  const { decodeProfile } = await import('../dist/formats/registry.js')
  const read =
    kind === 'json'
      ? () => JSON.parse(new TextDecoder().decode(bytes))
      : () => decodeProfile(bytes, 'large.cpuprofile')
  globalThis.gc()
  const before = process.memoryUsage()
  const times = []
  let kept = null
  let peakMb = 0
  let heldMb = 0
  for (let i = 0; i < 5; i++) {
    kept = null
    const start = performance.now()
    kept = read()
    times.push(performance.now() - start)
    if (i > 0) continue
    peakMb = (process.memoryUsage.rss() - before.rss) / 1e6
    // The memory of typed arrays is given back some time after the collection.
    for (let turn = 0; turn < 3; turn++) {
      globalThis.gc()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    heldMb = sizeOf(process.memoryUsage()) - sizeOf(before)
  }
  if (kept === null) throw new Error('nothing was read')
  console.log(
    JSON.stringify({ firstMs: times[0], bestMs: Math.min(...times.slice(1)), peakMb, heldMb }),
  )
}

function sizeOf({ heapUsed, external }) {
  return (heapUsed + external) / 1e6
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1]
}
