/**
 * A long life: a server under load that never ends, one beside it that is killed again and again,
 * one directory of dumps for both, and a disk that is full, gone, a file or read-only now and then.
 * Prints what was measured as JSON. Arguments: the directory, seconds, and whether the disk is ours
 * to fill.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { randomFrom } from '../../bench/support/random.mjs'
import { startServer } from './child.mjs'
import { conversation, converse } from './conversations.mjs'

const [work, seconds, ownsDisk] = process.argv.slice(2)
const dir = join(work, 'profiles')
const limits = { files: 60, bytes: 20_000_000, perMinute: 1e9 }
const until = performance.now() + Number(seconds) * 1000
const isOver = () => performance.now() > until
const random = randomFrom(7)
const found = { kills: 0, disturbances: 0, conversations: 0, foreign: 0 }
const unanswered = []
const measured = []
const torn = new Set()
const whole = new Set()
let files = 0
let isDisturbed = false

/** Where the app ends the connection before it has said anything. */
const MUTE = /silently|destroyed|HEAD \/fails\/started/
/** What the app throws itself is its own, and what it is told of a body whose sender has left. */
const UNEXPECTED = /^Error: (?!rejected|thrown|too late|aborted)|FATAL/

/** Others go on writing meanwhile: what they are writing is moved away with it. */
function remove() {
  const away = join(work, `away-${found.disturbances}`)
  try {
    renameSync(dir, away)
    rmSync(away, { recursive: true, force: true })
  } catch {
    // It was not there, or is not empty again.
  }
}

/** What happens to the disk; each returns what mends it. */
const WAYS = {
  gone() {
    remove()
    return () => {}
  },
  aFile() {
    remove()
    try {
      writeFileSync(dir, 'not a directory')
    } catch {
      // It is there again.
    }
    return () => remove()
  },
}
const OWN_DISK = {
  full() {
    const ballast = join(work, 'ballast')
    try {
      writeFileSync(ballast, Buffer.alloc(64_000_000))
    } catch {
      // That is what it is for.
    }
    return () => rmSync(ballast, { force: true })
  },
  readOnly() {
    execFileSync('mount', ['-o', 'remount,ro', work])
    return () => execFileSync('mount', ['-o', 'remount,rw', work])
  },
}

const steady = await startServer(
  { options: { dir, limits, slow: 50, interval: 1 }, keepsEvents: false },
  ['--expose-gc'],
)
let victim = null
await Promise.all([talk(), talk(), talk(), kill(), disturb(), measure(), look()])
victim?.child.kill('SIGKILL')
lookOnce()
await steady.ask('end')
const [code, signal] = await steady.exited
const errors = steady.errors.split('\n').filter((line) => UNEXPECTED.test(line))
console.log(
  JSON.stringify({
    ...found,
    unanswered,
    measured,
    files,
    whole: whole.size,
    torn: [...torn],
    code,
    signal,
    errors,
  }),
)

// --- internal ---

async function talk() {
  while (!isOver()) {
    const said = conversation(random, found.conversations++)
    const [bytes] = await Promise.all([
      converse(steady.port, said),
      victim === null ? null : converse(victim.port, said),
    ])
    const isAnswered = bytes.length > 0 || said.cut !== null || MUTE.test(said.title)
    if (!isAnswered) unanswered.push(said.title)
  }
}

/** Any moment will do: while it starts, records, writes, or removes. */
async function kill() {
  while (!isOver()) {
    victim = await startServer({
      options: { dir, limits, mode: 'all', interval: 0.5 },
      keepsEvents: false,
    })
    await wait(300 + random(2500))
    const { child, exited } = victim
    victim = null
    child.kill('SIGKILL')
    await exited
    found.kills++
  }
}

async function disturb() {
  const ways = Object.values(ownsDisk === 'true' ? { ...WAYS, ...OWN_DISK } : WAYS)
  while (!isOver()) {
    await wait(3000)
    isDisturbed = true
    const undo = ways[found.disturbances % ways.length]()
    await wait(1500)
    undo()
    isDisturbed = false
    found.disturbances++
    // V8 keeps some megabytes of each that ran beside another one: in the time for warming up only.
    if (performance.now() > until - (Number(seconds) * 1000 * 2) / 3) continue
    const told = await steady.ask('profile')
    if (told?.samples > 0) found.foreign++
  }
}

async function measure() {
  const start = performance.now()
  while (!isOver()) {
    await wait(1000)
    const seen = await steady.ask('measure')
    if (seen !== null) measured.push({ at: performance.now() - start, ...seen })
  }
}

async function look() {
  while (!isOver()) {
    await wait(250)
    if (!isDisturbed) lookOnce()
  }
}

/** Each dump that is there is whole, and there are no more than allowed. */
function lookOnce() {
  mkdirSync(work, { recursive: true })
  const names = filesIn(dir).filter((name) => name.endsWith('.cpuprofile'))
  files = Math.max(files, names.length)
  for (const name of names) {
    if (whole.has(name)) continue
    let bytes
    try {
      bytes = readFileSync(join(dir, name))
    } catch {
      continue
    }
    if (isWhole(bytes)) whole.add(name)
    else torn.add(`${name}: ${bytes.length} bytes`)
  }
}

function filesIn(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** By its own digest, which is of all that follows it. */
function isWhole(bytes) {
  const [head] =
    bytes.toString('latin1', 0, bytes.indexOf('\n')).match(/^.*"sha256":"[0-9a-f]{64}"/) ?? []
  if (head === undefined) return false
  const digest = createHash('sha256').update(bytes.subarray(head.length)).digest('hex')
  return head.endsWith(`"${digest}"`)
}
