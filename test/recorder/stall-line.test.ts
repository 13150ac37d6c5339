/** A stall, as the app's log has it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runScript, temporaryDir } from '../support/app.js'

const SCRIPT = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import express from 'express'
  import { profiler } from 'profview'
  function burn(ms) {
    const end = performance.now() + ms
    while (performance.now() < end);
  }
  const app = express()
  let told
  const written = new Promise((resolve) => { told = resolve })
  app.use(profiler({ onProfile: ({ meta }) => { if (meta.stall.by[0].title === 'GET /report') told() } }))
  app.get('/report', (request, response) => {
    burn(600)
    response.send('x')
  })
  const server = app.listen(0, '127.0.0.1', async () => {
    // What a start takes is a stall of its own.
    await sleep(1000)
    await (await fetch('http://127.0.0.1:' + server.address().port + '/report')).text()
    await written
    await sleep(100)
    process.exit()
  })
`

test('the log has what held the loop, and where the dump is', async () => {
  const env = { PROFVIEW_DIR: temporaryDir(), PROFVIEW_STALL: '300', PROFVIEW_INTERVAL: '1' }
  const ended = await runScript(SCRIPT, { env })
  expect(ended.code).toBe(0)
  const lines = ended.err.split('\n').filter((line) => line.includes('GET /report'))
  expect(lines).toHaveLength(1)
  // The client is in the same process, so that a little of the stall is nobody's.
  expect(lines[0]).toMatch(/ProfviewWarning: .*GET \/report.* in burn\b.*: \/.*\.cpuprofile$/)
  const file = lines[0]!.split(': ').at(-1)!
  const { stall, kind } = JSON.parse(readFileSync(file, 'utf8')).$profview
  const by = { title: 'GET /report', name: 'burn' }
  expect({ kind, by: stall.by[0] }).toMatchObject({ kind: 'stall', by })
})
