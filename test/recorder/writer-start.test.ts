/** The writer's thread: when it is started, and what goes to it. */
import { expect, test } from 'vitest'
import { buffersOf, type WindowMessage } from '../../src/recorder/writer/messages.js'
import { WaitLog } from '../../src/sampler/async/wait-log.js'
import { MachineLog } from '../../src/sampler/machine-log.js'
import { WindowBuilder } from '../../src/sampler/window-builder.js'
import { Dumps, runScript } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'
import {
  allOf,
  apart,
  newStacks,
  recordingOf,
  SetClock,
  segmentsOf,
  waitOf,
} from '../support/sampler-parts.js'

/** Prints in which order threads were started and the request to be kept has ended. */
function app(options: string): string {
  return `
    import http from 'node:http'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { profiler } from 'profview'
    const events = []
    process.on('worker', () => events.push('thread'))
    const middleware = profiler(${options})
    const server = http.createServer((request, response) => middleware(request, response, async () => {
      const end = performance.now() + Number(request.headers.burn)
      while (performance.now() < end);
      await sleep(5)
      if (request.headers.burn === '60') {
        response.statusCode = 503
        response.on('finish', () => events.push('ended'))
      }
      response.end('x')
    }))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const get = (burn, headers = {}) => fetch('http://127.0.0.1:' + server.address().port, { headers: { burn, ...headers } })
    for (let i = 0; i < 30; i++) await get(2)
    await sleep(1700)
    await get(60, { 'x-profile': '1' })
    for (let i = 0; i < 200 && !events.includes('thread'); i++) await sleep(50)
    console.log(events.join())
    server.close()
    server.closeAllConnections()
  `
}

test.each([
  ['in production', '{ authorize: () => true }', /^$/],
  [
    'where what was slow or has failed is kept',
    '{ slow: 60_000 }',
    /^.*NODE_ENV=production.*\n.*\n$/,
  ],
])(
  '%s it is started when the first request that is kept has ended',
  async (_where, options, said) => {
    const { dir } = new Dumps()
    const { out, err } = await runScript(app(options), {
      env: { PROFVIEW_DIR: dir, NODE_ENV: 'production' },
    })
    expect(err).toMatch(said)
    expect(out.trim()).toBe('ended,thread')
    expect(dumpsIn(dir)).toHaveLength(1)
  },
)

test('columns are given to it, not copied: nothing is left here', () => {
  new SetClock()
  const stacks = newStacks()
  const recording = recordingOf(1)
  const frames = [{ name: 'f', file: '/app.js', line: 1, column: 1 }]
  const samples = [{ epochMicros: 1, cpuNanos: 1, unit: -1, label: 1, frames }]
  const segments = segmentsOf([0, 1, waitOf(recording, null, 'f')])
  const turns = { at: new Float64Array(1), slept: new Uint8Array(1) }
  const waits = new WaitLog()
  waits.end(waits.begin(recording, 'answer'), 2)
  const machine = new MachineLog('nowhere')
  machine.read()
  const facts = {
    from: 0,
    to: 1,
    keepFrom: 0,
    windowCpu: 1,
    cpuLeftOut: 0,
    ...machine.take(),
    ...waits.take(),
  }
  const builder = new WindowBuilder(stacks, samples, segments, turns, apart(0), facts)
  const window = { ...allOf(builder.steps()), table: stacks.delta(), titles: new Map() }
  const message: WindowMessage = { type: 'window', window, redacted: false }

  const columns = [...Object.values(window), ...Object.values(window.table)].filter(
    ArrayBuffer.isView,
  )
  expect(columns.filter(({ byteLength }) => byteLength === 0)).toEqual([])
  structuredClone(message, { transfer: buffersOf(message) })
  expect(columns.filter(({ byteLength }) => byteLength > 0)).toEqual([])
})
