// A client with its own clock. Reads a line of `Asked[]` (truth.ts), asks for all of it, each at
// its time, and prints a line of what it saw, in the same order.
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { now } from './clock.mjs'

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const port = Number(process.argv[2])

for await (const line of createInterface(process.stdin)) {
  const answers = await Promise.all(JSON.parse(line).map(ask))
  console.log(JSON.stringify(answers))
}
process.exit()

async function ask({ path, at = 0, saysWhen = false }) {
  if (at > 0) await new Promise((resolve) => setTimeout(resolve, at))
  const sent = now()
  const epoch = Math.round((performance.timeOrigin + performance.now()) * 1000)
  const headers = saysWhen ? { 'x-profview-sent': String(epoch) } : {}
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      response.on('end', () => {
        const { statusCode: status, headers } = response
        resolve({ sent, flushed, received: now(), status, headers, body })
      })
    })
    asked.on('error', reject)
    let flushed = 0
    asked.on('finish', () => {
      flushed = now()
    })
    asked.end()
  })
}
