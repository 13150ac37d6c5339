/** V8 profiles that are too large to be kept as files. The same options give the same bytes. */

/**
 * `nodes` calls, one line of them `depth` deep, or `siblings` of one caller; each has a sample if
 * there are enough, and the others fall anywhere.
 * Written by hand, as V8 does: nothing of ours is in the way of a comparison.
 */
export function largeCpuprofile({ samples, nodes, depth = 50, siblings = 0 }) {
  const random = randomFrom(11)
  const parents = siblings > 0 ? flat(siblings) : bushy(nodes, depth, random)
  const count = parents.length
  const children = Array.from({ length: count }, () => [])
  for (let i = 1; i < count; i++) children[parents[i]].push(i + 1)
  const parts = ['{"nodes":[']
  for (let i = 0; i < count; i++) {
    const frame = i === 0 ? ROOT : frameOf(i)
    const node = { id: i + 1, callFrame: frame, hitCount: 0, children: children[i] }
    parts.push(i === 0 ? '' : ',', JSON.stringify(node))
  }
  const ids = Array.from({ length: samples }, (_, i) => 2 + (i < count - 1 ? i : random(count - 1)))
  const deltas = Array.from({ length: samples }, () => 900 + random(200))
  const start = 1_000_000_000
  const end = deltas.reduce((sum, delta) => sum + delta, start)
  parts.push(`],"startTime":${start},"endTime":${end},"samples":[${ids.join(',')}]`)
  parts.push(`,"timeDeltas":[${deltas.join(',')}]}`)
  return parts.join('')
}

// --- internal ---

const ROOT = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }

function flat(siblings) {
  return [-1, 0, ...Array.from({ length: siblings }, () => 1)]
}

function bushy(nodes, depth, random) {
  const parents = [-1]
  const depths = [0]
  for (let i = 1; i < nodes; i++) {
    let above = i < depth ? i - 1 : Math.max(0, i - 1 - random(Math.min(i, 40)))
    while (depths[above] >= depth) above = parents[above]
    parents.push(above)
    depths.push(depths[above] + 1)
  }
  return parents
}

/** Most functions are called in one place; a script has a hundred of them. */
function frameOf(i) {
  const script = Math.floor(i / 100)
  const file =
    script % 3 === 0
      ? `file:///srv/app/src/part-${script}.js`
      : `file:///srv/app/node_modules/package-${script % 60}/lib/module-${script}.js`
  return {
    functionName: `function${i}`,
    scriptId: String(script + 1),
    url: file,
    lineNumber: (i % 100) * 12,
    columnNumber: i % 60,
  }
}

function randomFrom(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
