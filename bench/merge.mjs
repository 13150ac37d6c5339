/**
 * Reading and merging many small dumps against `JSON.parse` on the same bytes. Needs `npm run
 * build`. Options: --dumps 1000 --rounds 5
 */
import { parseArgs } from 'node:util'
import { decodeProfile, encodeProfile } from '../dist/formats/registry.js'
import { ProfileBuilder } from '../dist/profile/builder.js'
import { totalWeight } from '../dist/profile/calltree.js'
import { mergeProfiles } from '../dist/transform/merge.js'

const { values } = parseArgs({
  options: {
    dumps: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
  },
})

const NAMES = { json: 'JSON.parse    ', read: 'read          ', profview: 'read and merge' }
const random = randomFrom(42)
const trees = [0, 1, 2, 3, 4].map(routeTree)
const dumps = Array.from({ length: Number(values.dumps) }, (_, i) =>
  encodeProfile(dump(i), 'cpuprofile'),
)
const bytes = dumps.reduce((sum, each) => sum + each.length, 0)
console.log(`${dumps.length} dumps of four workers, ${(bytes / 1e6).toFixed(1)} MB`)

const decoder = new TextDecoder()
const times = { json: [], read: [], profview: [] }
for (let round = 0; round < Number(values.rounds); round++) {
  times.json.push(time(() => dumps.map((each) => JSON.parse(decoder.decode(each)))))
  times.read.push(time(() => [...readAll()]))
  times.profview.push(time(() => mergeProfiles(readAll())))
}
for (const [name, all] of Object.entries(times)) {
  const ratio = median(all) / median(times.json)
  console.log(
    `${NAMES[name]} first ${all[0].toFixed(0)} ms, median ${median(all).toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
  )
}
const before = [...readAll()].reduce((sum, profile) => sum + totalWeight(profile), 0)
const after = totalWeight(mergeProfiles(readAll()))
console.log(`total time in ${before} µs, out ${after} µs`)
if (before !== after) process.exitCode = 1

function* readAll() {
  for (const each of dumps) yield decodeProfile(each, 'dump.cpuprofile')
}

/** Five routes with trees of 600 stacks; a request of a third of a second shows 150 of them. */
function dump(i) {
  const builder = new ProfileBuilder()
  const route = i % 5
  const tree = trees[route]
  const stacks = [0]
  const ours = new Map([[0, 0]])
  while (ours.size < 150) {
    const path = []
    for (let node = 1 + random(599); !ours.has(node); node = tree[node].parent) path.push(node)
    for (const node of path.reverse()) {
      const stack = builder.stack(ours.get(tree[node].parent), builder.frame(tree[node].frame))
      ours.set(node, stack)
      stacks.push(stack)
    }
  }
  let total = 0
  for (let n = 0; n < 300; n++) {
    const weight = 900 + random(300)
    total += weight
    builder.sample(stacks[random(stacks.length)], weight)
  }
  return builder.build({ name: '', timeline: true, sources: [meta(i, route, total)] })
}

function routeTree(route) {
  return Array.from({ length: 600 }, (_, node) => {
    const id = route * 40 + node
    const file = `file:///app/node_modules/package-${id % 30}/lib/module-${id % 90}.js`
    const frame = { name: `function${id}`, file, line: id * 3 + 1, column: (id % 60) + 1 }
    return { frame, parent: Math.max(0, node - 1 - random(Math.min(node + 1, 12))) }
  })
}

function meta(i, route, durationMicros) {
  const ledger = { cpu: durationMicros, gc: 0, await: 0, blocked: 0, profiler: 0, unknown: 0 }
  return {
    version: 1,
    id: `20260101T000000.000Z-${100 + (i % 4)}-0-${i}-abcdef`,
    kind: 'request',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMicros,
    request: { method: 'GET', route: `/route-${route}/:id`, status: 200, aborted: false },
    process: {
      pid: 100 + (i % 4),
      workerId: 1 + (i % 4),
      threadId: 0,
      host: 'bench',
      node: process.version,
    },
    attribution: 'request',
    intervalMicros: 1000,
    samples: 300,
    dropped: 0,
    ledger,
    labels: {},
    warnings: [],
  }
}

function time(work) {
  const start = performance.now()
  work()
  return performance.now() - start
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
}

function randomFrom(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
