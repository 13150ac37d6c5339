/**
 * Each call that profview makes of the native part, the file system, threads and processes fails
 * once, and from then on; the app has to be what it is without us.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomFrom } from '../../bench/support/random.mjs'

const APP = fileURLToPath(new URL('fault-app.mjs', import.meta.url))
const INJECT = new URL('inject.mjs', import.meta.url).href
/** How the app ends. */
const ENDS = ['by itself', 'exits', 'throws', 'is told']
export const MOUNTS = {
  triggers: {},
  slow: { slow: 10 },
  process: { mode: 'process' },
  'all, armed late': { mode: 'all', arm: 'trigger' },
}

/**
 * `thorough`: each way to fail, at the first, second, middle and last call. `differences` are
 * texts, one for each fault that the app noticed; `failed` says how many calls did fail.
 */
export async function injectFaults({
  mounts,
  thorough = false,
  faults = null,
  seed = 1,
  until = () => true,
}) {
  const work = mkdtempSync(join(tmpdir(), 'profview-faults-'))
  const found = { calls: 0, planned: 0, faults: 0, failed: 0, differences: [] }
  const bare = new Map()
  for (const end of ENDS) bare.set(end, (await live(work, { mount: null, end })).seen)
  const todo = []
  for (const mount of mounts) {
    const { calls } = await live(work, { mount, end: 'exits' })
    found.calls += calls.size
    for (const fault of faults ?? faultsOf(calls, thorough)) {
      todo.push({ mount, fault, end: ENDS[todo.length % ENDS.length] })
    }
  }
  found.planned = todo.length
  if (thorough) shuffle(todo, randomFrom(seed))
  const attempt = async () => {
    for (let next = todo.shift(); next !== undefined && until(); next = todo.shift()) {
      const { seen, calls } = await live(work, next)
      const expected = bare.get(next.end)
      found.faults++
      if (calls.size > 0) found.failed++
      if (seen === expected) continue
      found.differences.push(`${titleOf(next)}\n${firstDifference(expected, seen)}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, attempt))
  rmSync(work, { recursive: true, force: true })
  return found
}

// --- internal ---

const AT_ONCE = 2

function shuffle(all, random) {
  for (let i = all.length - 1; i > 0; i--) {
    const j = random(i + 1)
    ;[all[i], all[j]] = [all[j], all[i]]
  }
}

function faultsOf(calls, thorough) {
  return [...calls].flatMap(([call, count]) => {
    const [thread, name] = call.split(' ')
    const places = thorough ? [1, 2, Math.ceil(count / 2), count] : [1]
    const ways = thorough ? waysOf(thread, name) : waysOf(thread, name).slice(0, 1)
    return [...new Set(places)].flatMap((at) =>
      ways.flatMap((how) => [false, true].map((always) => ({ thread, name, at, always, how }))),
    )
  })
}

function waysOf(thread, name) {
  const more = []
  if (name.startsWith('fs.')) more.push('is full', 'is not there')
  if (name === 'native.stop') more.push('gives a tree of nothing', 'gives a tree of nonsense')
  if (name.startsWith('native.')) more.push('gives nothing', 'gives an empty object')
  if (name === 'worker_threads.Worker') more.push('dies')
  if (thread === 'writer') more.push('ends', 'fails later')
  return ['throws', 'throws nothing', ...more]
}

/** All that can be seen of an app's life, as text; the calls, with a fault those that failed. */
async function live(work, { mount, end, fault }) {
  const dir = mkdtempSync(join(work, 'life-'))
  const file = join(dir, 'calls')
  const settings = { dir: join(dir, 'profiles'), interval: 1, limits: { files: 3 } }
  const options = mount === null ? null : { ...settings, ...MOUNTS[mount] }
  const args = ['--import', INJECT, APP, JSON.stringify({ options, end })]
  const env = { PATH: process.env.PATH, CALLS: file, FAULT: fault ? JSON.stringify(fault) : '' }
  const stdio = ['ignore', 'pipe', 'pipe']
  const child = spawn(process.execPath, args, {
    env,
    stdio,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  const [code, signal] = await once(child, 'close')
  const calls = new Map()
  for (const name of existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []) {
    calls.set(name, (calls.get(name) ?? 0) + 1)
  }
  rmSync(dir, { recursive: true, force: true })
  const lines = err.split('\n').filter((line) => /error|warning/i.test(line) && /^\S/.test(line))
  const errors = lines.filter((line) => !OURS.test(line))
  return { seen: JSON.stringify({ code, signal, errors, ...parsed(out) }, null, 1), calls }
}

/** Node says where a warning comes from; what ours says is ours to say. */
const OURS = /ProfviewWarning|^profview: |--trace-warnings/

function parsed(out) {
  try {
    return JSON.parse(out)
  } catch {
    return { out }
  }
}

function titleOf({ mount, end, fault: { thread, name, at, always, how } }) {
  return `${mount}: ${thread} ${name} ${how} at call ${at}${always ? ' and after' : ''}, ends ${end}`
}

function firstDifference(expected, seen) {
  const [theirs, ours] = [expected.split('\n'), seen.split('\n')]
  const at = theirs.findIndex((line, i) => line !== ours[i])
  const lines = [
    ...theirs.slice(at, at + 4).map((line) => `- ${line}`),
    ...ours.slice(at, at + 6).map((line) => `+ ${line}`),
  ]
  return lines.map((line) => line.slice(0, 300)).join('\n')
}
