/**
 * `npm run test:soak`: an app lives long, under load, with a disk that fails, processes that are
 * killed, faults in all that we call, and is what it is without us. Needs `npm run build`.
 *
 *     npm run test:soak                    twenty-five minutes
 *     npm run test:soak -- --minutes 1     what CI runs
 *     npm run test:soak -- --seed 7        other conversations, other faults first
 *
 * Ends with 1 where something is not as it should be.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { injectFaults, MOUNTS } from './faults.mjs'
import { verdictsOf } from './flat.mjs'
import { replay } from './replay.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
  },
})
const seconds = Number(values.minutes) * 60
const seed = Number(values.seed)
/** What each part may take; the rest is for starting and ending. */
const SHARES = { load: 0.5, replay: 0.2, faults: 0.22 }
/** In less, there are no more faults than those of `npm test`. */
const FAULTS_FROM_S = 300
const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url))

const wrong = [...(await underLoad()), ...(await replayed())]
if (seconds >= FAULTS_FROM_S) wrong.push(...(await withFaults()))
for (const text of wrong) console.log(`\nWRONG: ${text}`)
console.log(wrong.length === 0 ? '\nall as it should be' : `\n${wrong.length} wrong`)
process.exitCode = wrong.length === 0 ? 0 : 1

// --- internal ---

async function underLoad() {
  const work = mkdtempSync(join(tmpdir(), 'profview-soak-'))
  const time = String(seconds * SHARES.load)
  const ownsDisk = canMount()
  const node = [process.execPath, LOAD, work, time, String(ownsDisk)]
  const script = 'mount -t tmpfs -o size=32m tmpfs "$1" && shift && exec "$@"'
  const [program, ...args] = ownsDisk
    ? ['unshare', '-rm', 'sh', '-c', script, 'sh', work, ...node]
    : node
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  const [code] = await new Promise((resolve) => child.on('close', (...how) => resolve(how)))
  rmSync(work, { recursive: true, force: true })
  if (code !== 0) return [`load: exit code ${code}\n${out}`]
  const found = JSON.parse(out)
  const disk = ownsDisk
    ? 'full, read-only, gone, a file'
    : 'gone, a file (it cannot be filled here)'
  console.log(
    `load: ${found.conversations} conversations, ${found.whole} whole dumps of two processes, ` +
      `one killed ${found.kills} times; the disk ${disk}: ${found.disturbances} times; ` +
      `another profiler ${found.foreign} times`,
  )
  const { table, wrong } = verdictsOf(found)
  console.log(table)
  return wrong.map((text) => `load: ${text}`)
}

async function replayed() {
  const found = await replay({ seed, until: within(SHARES.replay) })
  console.log(
    `replay: ${found.conversations} conversations with five apps, byte for byte; ` +
      `${found.profiled} answers profiled, ${found.written} dumps`,
  )
  const wrong = found.profiled > 0 && found.written > 0 ? [] : ['nothing was profiled']
  return [...wrong, ...found.differences].map((text) => `replay: ${text}`)
}

async function withFaults() {
  const mounts = Object.keys(MOUNTS)
  const found = await injectFaults({ mounts, seed, thorough: true, until: within(SHARES.faults) })
  console.log(
    `faults: ${found.faults} of ${found.planned}, at ${found.calls} calls in ${mounts.length} mounts; ` +
      `${found.failed} met`,
  )
  const wrong = found.failed > 0 ? [] : ['no call failed']
  return [...wrong, ...found.differences].map((text) => `fault: ${text}`)
}

function within(share) {
  const end = performance.now() + seconds * share * 1000
  return () => performance.now() < end
}

function canMount() {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /tmp'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
