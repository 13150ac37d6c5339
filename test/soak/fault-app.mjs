/**
 * A short life of an app, bare or profiled: it serves what it asks itself for, prints all that its
 * clients and it have seen, and ends, as its parent says.
 */
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { profiler } from '../../dist/bundle/index.mjs'
import { createApp } from './answers.mjs'
import { converse, normalised } from './conversations.mjs'

const { options, end } = JSON.parse(process.argv[2])
const events = new Map()
const server = createApp(options === null ? null : profiler(options), events)
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address()

const answers = []
for (const together of [
  ['GET /json/3'],
  ['GET /awaits/6?profile=1'],
  ['GET /busy/12?profile=1', 'GET /awaits/9', 'GET /chunks/3/100?profile=1', 'GET /busy/12'],
  ['GET /json/4?profile=html'],
  ['GET /fails/later?profile=1', 'GET /status/503'],
  ['HEAD /busy/12?profile=1', 'GET /stream/20?profile=1'],
  ['GET /awaits/3?profile=1'],
]) {
  answers.push(...(await Promise.all(together.map(ask))))
}

await new Promise((resolve) => server.close(resolve))
await wait(20)

// Ours is the listener of `exit`, as long as something would be lost.
const names = process.eventNames().filter((name) => name !== 'exit')
const listeners = names.map((name) => `${String(name)} ${process.listenerCount(name)}`).sort()
// Once a second a look for captures is under way, for less than a millisecond.
const isLook = (name) => name === 'FSReqCallback'
const resources = process
  .getActiveResourcesInfo()
  .filter((name) => !isLook(name))
  .sort()
console.log(JSON.stringify({ answers, events: [...events].sort(), listeners, resources }))

if (end === 'exits') process.exit(7)
if (end === 'throws') throw new Error('of the app')
if (end === 'is told') process.kill(process.pid, 'SIGTERM')

// --- internal ---

async function ask(line, i) {
  const text = `${line} HTTP/1.1\r\nHost: localhost\r\nX-Id: ${line} ${i}\r\nConnection: close\r\n\r\n`
  const bytes = await converse(port, { pieces: [Buffer.from(text)], cut: null })
  const answer = normalised(bytes, line.includes('profile='))
  // The report, or the app's own.
  if (line.includes('profile=html')) return answer.slice(0, answer.indexOf('\r\n'))
  return `${answer.slice(0, 400)} ${createHash('sha256').update(answer).digest('hex')}`
}
