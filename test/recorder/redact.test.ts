/** `redact` sees every text of a dump before it leaves the thread. */
import { once } from 'node:events'
import { get as ask, type IncomingMessage } from 'node:http'
import type { LookupFunction } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Frame } from '../../src/index.js'
import { Redactors } from '../../src/recorder/redact.js'
import { Dumps, express5, profview, serve } from '../support/app.js'
import { BARE_META } from '../support/bare-meta.js'

const hide = (frame: Frame) => ({ ...frame, name: frame.name.replaceAll('secret', '***') })

test('frames, routes, also of who was in the way, waits, labels', async () => {
  const dumps = new Dumps()
  const labels = () => ({ 'secret key': 'a secret' })
  const app = express5()
  app.use(profview.profiler(dumps.options({ redact: hide, labels })))
  app.get('/burns/secret/:id', function secretBurns(_request, response) {
    const end = performance.now() + 60
    while (performance.now() < end);
    response.send('x')
  })
  app.get('/waits/secret/:id', async function secretWaits(_request, response) {
    const asked = ask({ port, host: 'localhost', family: 4, path: '/burns/secret/7' })
    await once(asked, 'response')
    await new Promise((resolve) => setTimeout(resolve, 10, 'secretTimer'))
    const program = ask({ port, host: 'secret.localhost', lookup: toUs, path: '/burns/secret/8' })
    const [answer] = (await once(program, 'response')) as [IncomingMessage]
    await once(answer.resume(), 'end')
    response.send('x')
  })
  const { port, get } = await serve(app)
  await get('/waits/secret/7', { headers: { 'x-profile': '1' } })
  const { bytes, meta, names } = await dumps.one()
  expect(bytes).not.toContain('secret')
  expect(meta.request?.route).toBe('/waits/***/:id')
  expect(meta.labels).toEqual({ '*** key': 'a ***' })
  expect(names).toContain('***Waits')
  expect(names).toContain('GET /burns/***/:id')
  expect(names).toContain(`[await] HTTP GET ***.localhost:${port}`)
})

describe('each text goes through it as a frame without a file', () => {
  const told: string[] = []
  const redactors = new Redactors()
  redactors.add((frame) => {
    told.push(`${frame.name} ${frame.file}:${frame.line}:${frame.column}`)
    if (frame.name === 'bad') throw new Error('no')
    return { ...frame, name: frame.name.toUpperCase() }
  })

  test('once, and what it fails for is not told', () => {
    const meta = { ...BARE_META, name: 'job', labels: { a: 'bad', b: 'job' } }
    for (let i = 0; i < 2; i++) {
      expect(redactors.meta(meta)).toMatchObject({
        name: 'JOB',
        labels: { A: '[unknown]', B: 'JOB' },
      })
    }
    expect(told).toEqual(['job :0:0', '/ :0:0', 'a :0:0', 'bad :0:0', 'b :0:0'])
  })
})

// --- internal ---

function toUs(...[_host, { all }, found]: Parameters<LookupFunction>): void {
  const address = '127.0.0.1'
  found(null, all ? [{ address, family: 4 }] : address, 4)
}
