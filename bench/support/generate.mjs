/** Files as V8 and profview write them, of any size; the same every time. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { randomFrom } from './random.mjs'

/**
 * A profile as V8 writes it: a deep tree over one function for every twenty nodes. About
 * 15 bytes a sample and 250 a node; no string need hold it.
 */
export function writeCpuprofile(path, samples, nodes) {
  const file = openSync(path, 'w')
  const random = randomFrom(42)
  const children = Array.from({ length: nodes }, () => [])
  for (let i = 1; i < nodes; i++) children[Math.max(0, i - 1 - random(Math.min(i, 40)))].push(i + 1)
  const functions = Math.ceil(nodes / 20)
  writeSync(file, '{"nodes":[')
  writeList(file, nodes, (i) =>
    JSON.stringify({
      id: i + 1,
      callFrame: i === 0 ? ROOT : frameOf(random(functions)),
      hitCount: random(20),
      children: children[i],
    }),
  )
  const start = 141512937500
  writeSync(file, `],"startTime":${start},"endTime":${start + samples * 1200},"samples":[`)
  writeList(file, samples, () => 1 + random(nodes))
  writeSync(file, '],"timeDeltas":[')
  writeList(file, samples, () => 900 + random(500))
  writeSync(file, ']}')
  closeSync(file)
}

/**
 * `count` dumps of four workers and five routes with trees of 600 stacks, of which a request of a
 * third of a second shows 150, in 300 samples. Returns their paths.
 */
export function writeDumps(dir, count) {
  const random = randomFrom(42)
  const trees = [0, 1, 2, 3, 4].map((route) => treeOf(route, random))
  mkdirSync(dir, { recursive: true })
  return Array.from({ length: count }, (_, i) => {
    const { name, text } = dumpOf(i, trees[i % 5], random)
    const path = join(dir, name)
    const file = openSync(path, 'w')
    writeSync(file, text)
    closeSync(file)
    return path
  })
}

// --- internal ---

const ROOT = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }

/** In pieces of some MB. */
function writeList(file, count, textOf) {
  let piece = []
  for (let i = 0; i < count; i++) {
    piece.push(textOf(i))
    if (piece.length < 100_000 && i < count - 1) continue
    writeSync(file, `${piece.join(',')}${i < count - 1 ? ',' : ''}`)
    piece = []
  }
}

function frameOf(id) {
  return {
    functionName: `function${id}`,
    scriptId: String(id % 300),
    url: `file:///app/node_modules/package-${id % 90}/lib/module-${id % 300}.js`,
    lineNumber: (id * 13) % 2000,
    columnNumber: (id * 7) % 80,
  }
}

function treeOf(route, random) {
  return Array.from({ length: 600 }, (_, node) => ({
    frame: frameOf(route * 40 + node),
    parent: Math.max(0, node - 1 - random(Math.min(node + 1, 12))),
  }))
}

function dumpOf(i, tree, random) {
  const nodes = [{ id: 1, callFrame: ROOT, hitCount: 0, children: [] }]
  const ours = new Map([[0, nodes[0]]])
  while (nodes.length < 150) {
    const path = []
    for (let at = 1 + random(599); !ours.has(at); at = tree[at].parent) path.push(at)
    for (const at of path.reverse()) {
      const node = { id: nodes.length + 1, callFrame: tree[at].frame, hitCount: 0, children: [] }
      ours.get(tree[at].parent).children.push(node.id)
      ours.set(at, node)
      nodes.push(node)
    }
  }
  const samples = Array.from({ length: 300 }, () => 1 + random(nodes.length))
  const timeDeltas = samples.map(() => 900 + random(300))
  const duration = timeDeltas.reduce((sum, delta) => sum + delta)
  const id = (0x1000000000000000n + BigInt(i) * 7919n).toString(16)
  const startedAt = new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString()
  const $profview = factsOf(i, id, startedAt, duration)
  const text = JSON.stringify({
    $profview,
    nodes,
    startTime: 0,
    endTime: duration,
    samples,
    timeDeltas,
  })
  const { pid } = $profview.process
  const time = startedAt.replaceAll(/[-:]/g, '')
  return { name: `${time}-${pid}-0-${i}-${id}.cpuprofile`, text }
}

function factsOf(i, id, startedAt, durationMicros) {
  const worker = i % 4
  return {
    version: 2,
    writer: 'profview 0.1.0',
    id,
    kind: 'request',
    startedAt,
    durationMicros,
    name: null,
    request: { method: 'GET', route: `/route-${i % 5}/:id`, status: 200, aborted: false },
    process: {
      pid: 100 + worker,
      workerId: 1 + worker,
      threadId: 0,
      host: 'bench',
      node: '24.0.0',
    },
    kept: 'trigger',
    attribution: 'request',
    awaits: true,
    intervalMicros: 1000,
    samples: 300,
    dropped: 0,
    armedSinceMicros: 1_000_000,
    ledger: {
      cpu: durationMicros,
      gc: 0,
      offcpu: 0,
      await: 0,
      blocked: 0,
      profiler: 0,
      unknown: 0,
    },
    blockedUpToMicros: 0,
    machine: null,
    queued: null,
    stall: null,
    waits: [],
    labels: {},
    warnings: [],
  }
}
