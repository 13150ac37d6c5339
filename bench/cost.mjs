// What profview costs an app, as ratios of alternating runs. Each line is a fact for the README.
import { get, load, median, percentile, startServer } from './client.mjs'

const ROUNDS = Number(process.env.ROUNDS ?? 7)
const MS = Number(process.env.MS ?? 1500)

console.log(`Node ${process.version}, ${ROUNDS} alternating rounds of ${MS} ms`)
for (const part of [throughput, bystanders, stalls, awaits, memory]) {
  if (!process.argv[2] || process.argv[2] === part.name) await part()
}

async function throughput() {
  const modes = ['off', 'unarmed', 'armed', 'slow']
  const servers = await Promise.all(modes.map((mode) => startServer(mode)))
  for (const { port } of servers) await load(port, { ms: 2000 })
  const perSecond = { unarmed: [], armed: [], slow: [] }
  const cpu = { unarmed: [], armed: [], slow: [] }
  // Short turns, many of them: what else the machine does hits all alike.
  for (let round = 0; round < 6 * ROUNDS; round++) {
    const turns = []
    for (const server of servers) turns.push(await turn(server, MS / 4))
    for (const [i, mode] of [
      [1, 'unarmed'],
      [2, 'armed'],
      [3, 'slow'],
    ]) {
      perSecond[mode].push(turns[i].perSecond / turns[0].perSecond)
      cpu[mode].push(turns[i].cpuPerRequest / turns[0].cpuPerRequest)
    }
  }
  for (const mode of ['unarmed', 'armed', 'slow']) {
    show(`mounted, nothing triggered, ${mode}: requests per second`, median(perSecond[mode]))
    show(`mounted, nothing triggered, ${mode}: CPU time a request`, median(cpu[mode]))
  }
  for (const server of servers) await server.stop()
}

async function turn(server, ms) {
  const before = await server.ask()
  const { perSecond, latencies } = await load(server.port, { ms })
  const after = await server.ask()
  return { perSecond, cpuPerRequest: (after.cpuMs - before.cpuMs) / latencies.length }
}

/** Unprofiled requests while one other request after another is profiled. */
async function bystanders() {
  const server = await startServer('armed')
  await load(server.port, { ms: 2000, connections: 4 })
  const p50 = []
  const p99 = []
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await load(server.port, { ms: MS, connections: 4 })
    let stop = false
    const profiled = (async () => {
      while (!stop) await get(server.port, '/wait/50', { 'x-profile': '1' })
    })()
    const beside = await load(server.port, { ms: MS, connections: 4 })
    stop = true
    await profiled
    p50.push(percentile(beside.latencies, 0.5) / percentile(alone.latencies, 0.5))
    p99.push(percentile(beside.latencies, 0.99) / percentile(alone.latencies, 0.99))
  }
  show('latency of unprofiled requests while another is profiled, median', median(p50))
  show('latency of unprofiled requests while another is profiled, 99th percentile', median(p99))
  await server.stop()
}

/**
 * The longest stall of an otherwise idle loop while requests are profiled, over the same without.
 */
async function stalls() {
  const server = await startServer('armed')
  for (let i = 0; i < 20; i++) await get(server.port, '/wait/20', { 'x-profile': '1' })
  await sleep(1000)
  const worst = { with: [], without: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of ['without', 'with']) {
      await server.ask('reset')
      const headers = kind === 'with' ? { 'x-profile': '1' } : {}
      for (let i = 0; i < 10; i++) await get(server.port, '/wait/20', headers)
      await sleep(500)
      worst[kind].push((await server.ask()).maxDelayMs - 1)
    }
  }
  console.log(
    `longest stall of the loop, ms: ${median(worst.without).toFixed(2)} without, ${median(worst.with).toFixed(2)} while requests are profiled`,
  )
  await server.stop()
}

async function awaits() {
  const server = await startServer('armed')
  for (const count of [1, 100, 10_000]) {
    const cost = { plain: [], profiled: [] }
    for (let round = 0; round < 5 * ROUNDS; round++) {
      cost.plain.push(Number(await get(server.port, `/awaits/${count}`)))
      cost.profiled.push(Number(await get(server.port, `/awaits/${count}`, { 'x-profile': '1' })))
    }
    const added = (median(cost.profiled) - median(cost.plain)) / count
    console.log(`an await of a profiled request with ${count}: ${added.toFixed(2)} µs more`)
  }
  await server.stop()
}

async function memory() {
  const server = await startServer('armed')
  const profiled = { path: '/', connections: 8, header: 'x-profile: 1\r\n' }
  await load(server.port, { ...profiled, ms: 4000 })
  await sleep(1500)
  const before = await server.ask('collect')
  let count = 0
  while (count < 10_000)
    count += (await load(server.port, { ...profiled, ms: 1000 })).latencies.length
  await sleep(3000)
  const after = await server.ask('collect')
  console.log(
    `memory after ${count} more profiled requests: heap ${mb(before.heapUsed)} → ${mb(after.heapUsed)} MB, rss ${mb(before.rss)} → ${mb(after.rss)} MB, ${after.finished} dumps written`,
  )
  await server.stop()
}

function show(what, ratio) {
  console.log(`${what}: ${ratio.toFixed(3)}`)
}

function mb(bytes) {
  return (bytes / 1e6).toFixed(0)
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
