/** Requests and responses that Node has not made: tests, adapters of serverless platforms. */
import { expect, test } from 'vitest'
import { runScript, temporaryDir } from '../support/app.js'

/** `next` is called once for each pair, and what was handed over is what it was. */
const SCRIPT = `
  const { profiler } = require('profview')
  const { EventEmitter } = require('node:events')
  const logger = { info() {}, warn() {} }
  const ways = [
    ...[{}, { mode: 'all' }, { slow: 1 }, { mode: 0.999999 }],
    ...[{ authorize: async () => true }, { authorize: () => true }, { mode: 'all', awaits: true }],
  ].map((options) => profiler({ ...options, logger }))
  const x = { 'x-profile': '1' }
  const local = { remoteAddress: '127.0.0.1', localPort: 1, remotePort: 2 }
  const whole = { headers: x, socket: local, httpVersion: '1.1', url: '/?profile=1',
    method: 'GET', rawHeaders: ['Host', 'localhost'] }
  const fail = () => { throw new Error('not ours') }
  const requests = () => [
    ...[undefined, null, 5, 'text', {}, { headers: null }, { headers: new Map() }],
    ...[{ get headers() { return fail() } }, { headers: x }, { url: '/?profile=1' }],
    ...[{ ...whole }, { ...whole, method: undefined }, { ...whole, url: undefined }],
    ...[{ ...whole, socket: null }, { ...whole, get socket() { return fail() } }],
    ...[Object.freeze({ ...whole }), new Proxy(whole, {}), new Proxy({}, { get: fail })],
    Object.create(whole),
  ]
  const responses = () => [
    ...[undefined, null, 5, {}, { on() {} }, Object.freeze({}), new EventEmitter()],
    { on() {}, removeListener() {}, setHeader() {}, writeHead() {} },
    Object.assign(new EventEmitter(), { writeHead() {}, setHeader() {}, end() {} }),
    { on: fail, removeListener: fail, writeHead: fail },
    new Proxy({}, { get: fail }),
  ]
  const shown = (object) => {
    try {
      return Reflect.ownKeys(object).map((key) => {
        const { value, get } = Object.getOwnPropertyDescriptor(object, key)
        return String(key) === '_events' || String(key) === '_eventsCount' ? '' : [key, value, get]
      }).flat()
    } catch { return [] }
  }
  const same = (a, b) => a.length === b.length && a.every((each, i) => Object.is(each, b[i]))
  for (const event of ['uncaughtException', 'unhandledRejection'])
    process.on(event, (error) => console.log(event, error))
  void (async () => {
    let pairs = 0
    for (const use of ways) for (const i of requests().keys()) for (const j of responses().keys()) {
      const [request, response] = [requests()[i], responses()[j]]
      const before = [shown(request), shown(response)]
      let calls = 0
      try { use(request, response, () => calls++) } catch (error) { console.log(i, j, error) }
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      if (calls !== 1) console.log(i, j, 'went on', calls, 'times')
      if (!same(before[0], shown(request))) console.log(i, j, 'the request is another one')
      if (!same(before[1], shown(response))) console.log(i, j, 'the response is another one')
      pairs++
    }
    console.log(pairs > 1000)
    process.exit()
  })()
`

test('of whatever is handed over, nothing is changed, and the app goes on, once', async () => {
  const env = { PROFVIEW_DIR: temporaryDir() }
  const { out, code } = await runScript(SCRIPT, { env, type: 'commonjs' })
  expect(out).toBe('true\n')
  expect(code).toBe(0)
})
