/** A profile as V8 writes it: a tree 5 to 40 deep over one function for every twenty nodes. */
export function generateProfile(sampleCount, nodeCount) {
  let seed = 42
  const random = (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const children = Array.from({ length: nodeCount }, () => [])
  for (let i = 1; i < nodeCount; i++)
    children[Math.max(0, i - 1 - random(Math.min(i, 40)))].push(i + 1)
  const functions = Math.ceil(nodeCount / 20)
  const parts = ['{"nodes":[']
  for (let i = 0; i < nodeCount; i++) {
    const id = random(functions)
    const callFrame =
      i === 0
        ? { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }
        : {
            functionName: `function${id}`,
            scriptId: String(id % 300),
            url: `file:///app/node_modules/package-${id % 90}/lib/module-${id % 300}.js`,
            lineNumber: (id * 13) % 2000,
            columnNumber: (id * 7) % 80,
          }
    const node = { id: i + 1, callFrame, hitCount: random(20), children: children[i] }
    parts.push(i === 0 ? '' : ',', JSON.stringify(node))
  }
  const start = 141512937500
  let time = start
  const samples = []
  const timeDeltas = []
  for (let i = 0; i < sampleCount; i++) {
    samples.push(1 + random(nodeCount))
    timeDeltas.push(900 + random(500))
    time += timeDeltas[i]
  }
  parts.push(`],"startTime":${start},"endTime":${time + 400},"samples":[`, samples.join())
  parts.push('],"timeDeltas":[', timeDeltas.join(), ']}')
  return Buffer.from(parts.join(''))
}
