// A server whose directory of dumps refuses them for a while: `<trouble> <dir> <JSON of options>`.
// Prints how requests were answered before it, meanwhile and after it, and what was said.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { Agent, createServer, get } from 'node:http'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { profiler } from '../../dist/bundle/index.mjs'

const [trouble, dir, json] = process.argv.slice(2)
const options = JSON.parse(json)
const { FLAG } = process.env
const disk = dirname(dir)
const opened = []
let refill

/** How each begins, and how it ends. */
const TROUBLES = {
  injected: [() => fs.writeFileSync(FLAG, ''), () => fs.unlinkSync(FLAG)],
  full: [() => fill(join(disk, 'others')), () => fs.unlinkSync(join(disk, 'others'))],
  'read-only': [() => remount('ro'), () => remount('rw')],
  forbidden: [() => fs.chmodSync(dir, 0o500), () => fs.chmodSync(dir, 0o700)],
  'a file': [
    () => {
      fs.rmSync(dir, { recursive: true })
      fs.writeFileSync(dir, '')
    },
    () => fs.unlinkSync(dir),
  ],
  'too many files': [
    () => {
      openAll()
      // What Node itself had open for a moment.
      refill = setInterval(openAll, 5)
    },
    () => {
      clearInterval(refill)
      for (const fd of opened.splice(0)) fs.closeSync(fd)
    },
  ],
  'the limit of a file': [() => limitFiles('512'), () => limitFiles('unlimited')],
}

const [said, told] = [[], []]
let written = 0
const logger = {
  // Where each dump is, it is told as well.
  info: (message) => message.includes('npx profview show') || told.push(message),
  warn: (message) => said.push(message),
}
const onProfile = () => written++
const middleware = profiler({ dir, logger, onProfile, authorize: () => true, ...options })
const server = createServer((request, response) => {
  middleware(request, response, () => setTimeout(() => response.end('hello'), 5))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
// One connection for all: there may be no file left for another.
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const [begin, end] = TROUBLES[trouble]
const isRecordedAnyway = (options.mode ?? 'trigger') !== 'trigger' || options.slow !== undefined

const before = await ask()
while (written === 0) await askOfShare()
begin()
const beganAt = performance.now()
if (trouble === 'too many files') await sleep(100)
const lost = await ask()
while (said.length === 0) await askOfShare()
const { forMs = 0 } = process.env
// What had been begun is refused as well.
if (forMs > 0) await sleep(1000)
const atFirst = { ...middleware.counts }
const attemptsAtFirst = FLAG ? fs.statSync(FLAG).size : 0
const meanwhile = []
do meanwhile.push(await ask())
while (meanwhile.length < 20 || performance.now() - beganAt < Number(forMs))
const counts = { ...middleware.counts }
const attempts = (FLAG ? fs.statSync(FLAG).size : 0) - attemptsAtFirst
const seconds = (performance.now() - beganAt) / 1000
end()
const writtenBefore = written
while (written === writtenBefore) await ask().then(() => sleep(20))
const after = await ask()
// What was begun is written before the end.
await sleep(300)
server.close()
agent.destroy()
const facts = { written, said, told, atFirst, counts, attempts, seconds }
console.log(JSON.stringify({ before, lost, meanwhile, after, ...facts }))

// --- internal ---

/** The one that was asked may not have been chosen. */
async function askOfShare() {
  if (typeof options.mode === 'number') await ask()
  await sleep(20)
}

/** What its client sees; without `profile`, of a request that asks for nothing. */
async function ask(isPlain = isRecordedAnyway) {
  const { port } = server.address()
  const headers = isPlain ? {} : { 'x-profile': '1' }
  const [response] = await once(get({ port, host: '127.0.0.1', headers, agent }), 'response')
  const body = (await response.setEncoding('utf8').toArray()).join('')
  const { 'x-profile-id': id, 'server-timing': timing, date, ...others } = response.headers
  return { hasId: id !== undefined, answer: [response.statusCode, others, body] }
}

function fill(path) {
  const fd = fs.openSync(path, 'w')
  for (const bytes of [65_536, 512]) {
    until('ENOSPC', () => fs.writeSync(fd, new Uint8Array(bytes)))
  }
  fs.closeSync(fd)
}

function openAll() {
  until('EMFILE', () => opened.push(fs.openSync('/dev/null')))
}

function until(code, step) {
  try {
    for (;;) step()
  } catch (error) {
    if (error.code !== code) throw error
  }
}

function remount(how) {
  execFileSync('mount', ['-o', `remount,${how}`, disk])
}

function limitFiles(bytes) {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])
}
