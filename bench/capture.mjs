// What `profview capture` costs those who are served meanwhile: eight workers under load, one of
// which hangs. `npm run bench:capture`; ROUNDS, SECONDS: of each phase, RATE: requests a second and
// worker.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isPresence } from '../dist/store/capture-files.js'

const [ROUNDS, SECONDS, RATE] = [
  Number(process.env.ROUNDS ?? 2),
  Number(process.env.SECONDS ?? 15),
  Number(process.env.RATE ?? 20),
]
const WORKERS = 8
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'profview-capture-'))

const app = spawn(process.execPath, [join(ROOT, 'test/support/captured-app.cjs')], {
  cwd: ROOT,
  env: { ...process.env, PROFVIEW_DIR: dir, WORKERS: String(WORKERS), NODE_ENV: 'production' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const workers = []
for await (const line of createInterface({ input: app.stdout })) {
  const [id, pid, port] = line.split(' ').map(Number)
  if (workers.push({ id, pid, port }) === WORKERS) break
}
console.log(`Node ${process.version}, ${SECONDS} s each, ${RATE} requests a second and worker; ms`)
// Until all have said that they would answer.
while (presences().length < WORKERS) await sleep(100)
await request(workers[3].port, '/hang')
const asked = workers.filter((_, i) => i !== 3)
await phase('warming up', () => sleep(5000))
for (let round = 0; round < ROUNDS; round++) {
  await phase('before', () => sleep(SECONDS * 1000))
  await phase('while it is captured', captured)
  await phase('after', () => sleep(SECONDS * 1000))
}
for (const { pid } of workers) process.kill(pid, 'SIGKILL')
app.kill('SIGKILL')
rmSync(dir, { recursive: true, force: true })

function presences() {
  return readdirSync(dir, { recursive: true }).filter((name) => isPresence(basename(name)))
}

/** Requests begin by the clock, whether or not the ones before have been answered. */
async function phase(name, work) {
  const latencies = []
  const underWay = new Set()
  const ask = ({ port }) => {
    const start = performance.now()
    const answered = request(port, '/page').then(() => latencies.push(performance.now() - start))
    underWay.add(answered)
    void answered.finally(() => underWay.delete(answered))
  }
  const timers = asked.map((worker) => setInterval(ask, 1000 / RATE, worker))
  const said = await work()
  for (const timer of timers) clearInterval(timer)
  await Promise.all(underWay)
  latencies.sort((a, b) => a - b)
  const at = (share) => latencies[Math.floor(share * (latencies.length - 1))].toFixed(1)
  const figures = `median ${at(0.5)} · p99 ${at(0.99)} · longest ${at(1)}`
  console.log(
    `${name.padEnd(21)} ${String(latencies.length).padStart(6)} · ${figures}${said ?? ''}`,
  )
}

async function captured() {
  const start = performance.now()
  const args = [dir, '--for', `${SECONDS}s`, '--timeout', '4s', '-o', join(dir, 'all.cpuprofile')]
  const command = spawn(process.execPath, [join(ROOT, 'bin/profview.js'), 'capture', ...args])
  let [out, err] = ['', '']
  command.stdout.on('data', (more) => (out += more))
  command.stderr.on('data', (more) => (err += more))
  await once(command, 'close')
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  return ` · ${seconds} s, ${out.trim().split('\n').at(-1)}\n  ${err.trim()}`
}

function request(port, path) {
  return new Promise((resolve, reject) => {
    get({ port, path, host: '127.0.0.1' }, (response) => response.resume().on('end', resolve)).on(
      'error',
      reject,
    )
  })
}
