/** What `profview run` tells of the requests of a program: in its tree, and one by one. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { DumpMeta } from '../../src/profile/profile.js'
import {
  dumpsIn,
  millisIn,
  requestsIn,
  SPIN,
  waitsIn,
  writtenPrograms,
} from '../support/run-programs.js'

const EXPRESS = createRequire(import.meta.url).resolve('express')
const PROFVIEW = new URL('../../dist/bundle/index.mjs', import.meta.url)

/** An app with routes: one that computes, one that waits. */
const APP = `${SPIN}
  const { setTimeout: sleep } = require('node:timers/promises')
  async function load() { await sleep(60) }
  function compute() { spin(60) }
  const app = require('${EXPRESS}')()
  app.get('/users/:id', async (req, res) => { await load(); res.send('user') })
  app.get('/report', (req, res) => { compute(); res.send('report') })`
/** Of whoever listens there: each on a connection of its own. */
const ASK = `
  const ask = (port, path, headers = {}) => new Promise((resolve) => {
    const options = { port, path, headers, agent: false, host: '127.0.0.1' }
    require('node:http').get(options, (res) => res.resume().on('end', resolve))
  })`

const programs = writtenPrograms({
  'app.cjs': `${APP}${ASK}
    const server = app.listen(0, '127.0.0.1', async () => {
      const { port } = server.address()
      await ask(port, '/users/1', process.argv[2] === 'asks' ? { 'x-profile': '1' } : {})
      await ask(port, '/report')
      process.exit()
    })`,
  'mounted.mjs': `
    import { createServer } from 'node:http'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { profiler } from '${PROFVIEW}'
    const profile = profiler({ mode: 'trigger', route: () => '/mine' })
    async function load() { await sleep(60) }
    const server = createServer((req, res) => {
      profile(req, res, async () => { await load(); res.end('hi') })
    })
    server.listen(0, '127.0.0.1', async () => {
      await (await fetch('http://127.0.0.1:' + server.address().port)).text()
      // Longer than from one look for captures to the next.
      await sleep(1500)
      process.exit()
    })`,
  'cluster.cjs': `
    const cluster = require('node:cluster')
    const { once } = require('node:events')
    if (!cluster.isPrimary) {
      ${APP}
      app.listen(0, '127.0.0.1')
      process.on('message', () => process.disconnect())
    } else {
      ${ASK}
      async function main() {
        const workers = [cluster.fork(), cluster.fork()]
        const up = await Promise.all(workers.map((worker) => once(worker, 'listening')))
        for (const path of ['/users/1', '/users/2', '/report', '/report'])
          await ask(up[0][0].port, path)
        for (const worker of workers) worker.send('end')
      }
      main()
    }`,
  'threads.cjs': `
    const { Worker, isMainThread, parentPort } = require('node:worker_threads')
    const { once } = require('node:events')
    if (!isMainThread) {
      ${APP}
      const server = app.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
      parentPort.on('message', () => process.exit())
    } else {
      ${ASK}
      async function main() {
        const threads = [new Worker(__filename), new Worker(__filename)]
        const ports = await Promise.all(threads.map((thread) => once(thread, 'message')))
        for (const [port] of ports) await ask(port, '/users/1')
        await Promise.all(threads.map((thread) => {
          thread.postMessage('end')
          return once(thread, 'exit')
        }))
      }
      main()
    }`,
  'minutes.cjs': `${APP}
    async function main() { for (let i = 0; i < 12; i++) await load() }
    main()`,
})
const { run } = programs

const keptIn = (dir: string) => dumpsIn(join(programs.cwd, dir))

/** `1/0 GET /users/:id 200`: in the worker's thread. */
function requestsOf(dumps: readonly DumpMeta[]): string[] {
  const told = dumps.flatMap(({ request, process: { workerId, threadId } }) =>
    request === null
      ? []
      : [`${workerId}/${threadId} ${request.method} ${request.route} ${request.status}`],
  )
  return told.sort()
}

describe('the tree', () => {
  test('has the requests at its first level, and what each waits for', () => {
    const { code, out, err } = run(['--json', 'app.cjs'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(requestsIn(out)).toEqual(['GET /report', 'GET /users/:id'])
    const waits = waitsIn(out, 20)
    expect(waits).toContainEqual(expect.stringMatching(/^GET \/users\/:id.* load › .*timer 60 ms$/))
    expect(millisIn('compute', out)).toBeGreaterThan(20)
  })

  test('names also the waits of a program that is recorded in parts', () => {
    const { code, out } = run(['--json', 'minutes.cjs'], { PROFVIEW_LIMITS: 'durationMs=150' })
    expect(code).toBe(0)
    const named = waitsIn(out, 0).filter((wait) => wait === 'main › load › [await] timer 60 ms')
    expect(named.length).toBe(1)
    expect(millisIn('[await] timer 60 ms', out)).toBeGreaterThan(200)
  })

  test('has those of an app that decides about them itself, by the name that it gives', () => {
    const { code, out, err } = run(['--dir', 'kept-mounted', '--json', 'mounted.mjs'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(requestsIn(out)).toEqual(['GET /mine'])
    const waits = waitsIn(out, 0)
    expect(waits).toContainEqual(expect.stringMatching(/^GET \/mine › load › .*timer 60 ms$/))
    expect(waits.filter((wait) => /mkdir|readdir|utimes/.test(wait))).toEqual([])
    expect(keptIn('kept-mounted').map(({ kind }) => kind)).toEqual(['process'])
  })
})

describe('one by one', () => {
  test('requests are kept with --dir, and are in the tree once', () => {
    const { code, out, err } = run(['--dir', 'kept', '--json', 'app.cjs'])
    expect({ code, err }).toEqual({ code: 0, err: 'profview: kept: 2 requests one by one\n' })
    const dumps = keptIn('kept')
    expect(requestsOf(dumps)).toEqual(['0/0 GET /report 200', '0/0 GET /users/:id 200'])
    const whole = dumps.find(({ kind }) => kind === 'process')!
    expect(dumps.length).toBe(3)
    expect(sumOfLedger(whole.ledger)).toBe(whole.durationMicros)
    expect(requestsIn(out)).toEqual(['GET /report', 'GET /users/:id'])
    // As long as it took, and not twice that.
    const report = dumps.find(({ request }) => request?.route === '/report')!
    const share = millisIn('compute', out) / (report.durationMicros / 1000)
    expect(share).toBeGreaterThan(0.5)
    expect(share).toBeLessThan(1.4)
  })

  test('without it, whoever asks for one is told why there is none', () => {
    const { code, out, err } = run(['--json', 'app.cjs', 'asks'])
    expect(code).toBe(0)
    expect(err).toContain('`profview run` keeps requests one by one with --dir only')
    expect(requestsIn(out)).toEqual(['GET /report', 'GET /users/:id'])
  })

  const oneAfterAnother = ['GET /report 200', 'GET /users/:id 200']
  const ofCluster = ['1/0', '2/0'].flatMap((who) => oneAfterAnother.map((what) => `${who} ${what}`))
  test.each([
    ['a cluster name their worker', 'cluster', ofCluster],
    ['threads name their thread', 'threads', ['0/1 GET /users/:id 200', '0/2 GET /users/:id 200']],
  ])('those of %s', (_, name, requests) => {
    const { code, err } = run(['--dir', name, '-o', `${name}.json`, `${name}.cjs`])
    const kept = `profview: ${name}: ${requests.length} requests one by one`
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(new RegExp(`: 3 profiles, .*\\n${kept}\\n$`)),
    })
    expect(requestsOf(keptIn(name))).toEqual(requests)
  })
})
