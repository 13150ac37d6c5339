/** What a dump says of the time before the process saw its request, by the word of others. */
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { Dumps, express5, profview, rawConnection, serve } from '../support/app.js'
import { sampler } from '../support/recorded.js'

function hog(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const microsAgo = (ms: number) => String(Math.round((Date.now() - ms) * 1000))

async function app(options: ProfilerOptions = {}) {
  const dumps = new Dumps()
  const middleware = profview.profiler(dumps.options(options))
  const { port } = await serve((request, response) =>
    middleware(request, response, () => response.end('done')),
  )
  const { socket, until } = await rawConnection(port)
  return {
    /** Sends a request, with the loop busy for a while right after; its dump's facts. */
    async ask(headers: Record<string, string>, hogMs = 0) {
      // With a body, the kernel's word is no upper bound.
      const all = { host: 'localhost', 'x-profile': '1', 'content-length': '1', ...headers }
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.write(`POST / HTTP/1.1\r\n${lines.join('')}\r\nx`)
      hog(hogMs)
      await until(/done/)
      return (await dumps.one()).meta
    },
  }
}

describe('when a request was sent', () => {
  test('our own client on this machine proves how long it waited', async () => {
    const { ask } = await app()
    const sent = microsAgo(0)
    // It has not come yet, and nobody can see that.
    hog(200)
    const { queued } = await ask({ 'x-profview-sent': sent }, 50)
    expect(queued!.minMicros).toBeGreaterThan(249_000)
    expect(queued!.minMicros).toBeLessThanOrEqual(queued!.maxMicros!)
  })

  test('behind a proxy it is only the earliest that it may have come', async () => {
    const { ask } = await app({ authorize: () => true })
    const headers = { via: '1.1 proxy', 'x-profview-sent': microsAgo(0) }
    hog(200)
    const { queued } = await ask(headers, 50)
    expect(queued!.minMicros).toBeLessThan(200_000)
    expect(queued!.maxMicros).toBeGreaterThan(249_000)
  })

  test('a proxy that is trusted: what passed before the queue is said apart', async () => {
    const { ask } = await app({ requestStart: 'x-request-start' })
    const long = await ask({ 'x-request-start': `t=${microsAgo(3000)}` })
    expect(long.warnings.map(({ code }) => code)).toEqual(['before-process'])
    expect(long.warnings[0]!.text).toMatch(
      /^at least \d+ ms passed between the proxy and this process$/,
    )
    const passed = Number(/\d+/.exec(long.warnings[0]!.text)![0])
    expect(passed).toBeLessThan(3100 + long.durationMicros / 1000)
    expect(passed * 1000 + long.queued!.maxMicros!).toBeGreaterThan(2_990_000)
  })

  test('a proxy lowers the upper bound and proves nothing', async () => {
    const { ask } = await app({ requestStart: 'x-request-start' })
    hog(200)
    const sent = microsAgo(0)
    const before = performance.now()
    hog(100)
    const { queued, warnings } = await ask({ 'x-request-start': `t=${sent}` }, 50)
    const around = performance.now() - before
    expect(queued!.minMicros).toBeLessThan(150_000)
    expect(queued!.maxMicros).toBeGreaterThan(149_000)
    expect(queued!.maxMicros).toBeLessThan((around + 2) * 1000)
    expect(warnings).toEqual([])
  })

  test('nobody is trusted unasked', async () => {
    const { ask } = await app()
    const { warnings } = await ask({ 'x-request-start': `t=${microsAgo(3000)}` })
    expect(warnings).toEqual([])
  })
})

describe('behind whom', () => {
  test('what kept the loop busy before is still known when it is seen', async () => {
    const { ask } = await app()
    // So long that what nobody needs is due to be thrown away right after.
    const { queued } = await ask({ 'x-profview-sent': microsAgo(0) }, 1300)
    const { by, maxMicros } = queued!
    const culprit = by.find(({ name }) => name === 'hog')
    expect(culprit).toMatchObject({ file: expect.stringContaining('queued.test') })
    expect(culprit!.micros).toBeGreaterThan(maxMicros! / 2)
    expect(by.reduce((sum, { micros }) => sum + micros, 0)).toBe(maxMicros)
  })

  test('the route, where samples carry labels: also of whom nobody had reason to look at', async () => {
    const dumps = new Dumps()
    const app = profview.profiler(dumps.options())
    const express = express5()
    const reports = express5.Router()
    let victim: Socket | null = null
    reports.get('/reports/:id', (_request, response) => {
      victim?.write('GET /victim HTTP/1.1\r\nHost: localhost\r\nx-profile: 1\r\n\r\n')
      hog(victim === null ? 10 : 150)
      victim = null
      response.send('done')
    })
    express.use(app)
    express.get('/victim', (_request, response) => void response.send('done'))
    express.use('/teams/:team', reports)
    const { port, get } = await serve(express)
    const { socket, until } = await rawConnection(port)
    // The first one tells that its router is mounted somewhere, a later one where.
    for (let i = 0; i < 20; i++) await get('/teams/secret/reports/7')
    victim = socket
    await get('/teams/secret/reports/7')
    await until(/done/)
    const { meta, bytes } = await dumps.one()
    const titles = meta.queued!.by.filter(({ name }) => name === 'hog').map(({ title }) => title)
    expect(titles).toEqual([sampler().labelsAll ? 'GET /teams/:team/reports/:id' : '[unknown]'])
    expect(bytes).not.toContain('secret')
  })
})
