/** Apps that have altered `Error`, `Object.prototype` or their stack: all is as without us. */
import { expect, test } from 'vitest'
import { type Ended, runScript, temporaryDir } from '../support/app.js'

/** What the app sees in each of five requests, two of them profiled. */
function script(alter: string, recurse: string, isOurs: boolean): string {
  return `
    const http = require('node:http')
    const silent = { info() {}, warn() {} }
    const use = ${isOurs}
      ? require('profview').profiler({ logger: silent, onProfile: () => dumps++ })
      : (request, response, next) => next()
    let [dumps, calls] = [0, 0]
    ${alter}
    function overflow(n) {
      ${recurse}
      return overflow(n + 1) + 1
    }
    async function answer(response) {
      let caught = 0
      for (let i = 0; i < 3; i++) {
        try { overflow(0) } catch (error) { caught += error instanceof RangeError }
      }
      await new Promise((resolve) => setTimeout(resolve, 2))
      await null
      const before = calls
      const own = ['stackTraceLimit', 'prepareStackTrace', 'captureStackTrace'].map((name) => {
        const { value, ...rest } = Object.getOwnPropertyDescriptor(Error, name) ?? {}
        return [name, typeof value === 'function' ? value.toString() : value, Object.keys(rest)]
      })
      response.end(JSON.stringify([own, before, caught, Object.isFrozen(Error)]))
    }
    process.on('uncaughtException', (error) => console.log('uncaught', String(error)))
    process.on('unhandledRejection', (error) => console.log('unhandled', String(error)))
    const server = http.createServer((request, response) =>
      use(request, response, () => void answer(response)))
    server.listen(0, '127.0.0.1', async () => {
      const { port } = server.address()
      for (const path of ['/', '/?profile=1', '/', '/?profile=1', '/']) {
        await new Promise((done) => http.get({ port, path, agent: false }, (response) => {
          let text = ''
          response.on('data', (chunk) => { text += chunk })
          response.on('end', () => { console.log(response.statusCode, text); done() })
        }))
      }
      while (${isOurs} && dumps < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      server.close()
    })
  `
}

async function seen(alter: string, recurse: string, isOurs: boolean): Promise<Ended> {
  const env = { PROFVIEW_DIR: temporaryDir() }
  const ended = await runScript(script(alter, recurse, isOurs), { env, type: 'commonjs' })
  // What V8 says by itself of promises that are rejected out of stack.
  return { ...ended, err: ended.err.replace(/Exception in PromiseRejectCallback:[\s\S]*/, '') }
}

const define = (name: string, descriptor: string) =>
  `Object.defineProperty(Error, '${name}', ${descriptor})`
const THROWING = `{
  get() { calls++; throw new RangeError('app') },
  set() { calls++; throw new RangeError('app') },
  configurable: true,
}`

test.concurrent.each<[what: string, alter: string, recurse?: string]>([
  ['a limit with accessors that throw', define('stackTraceLimit', THROWING)],
  ['a limit with accessors for ever', define('stackTraceLimit', '{ get: () => 3 }')],
  ['a fixed limit', define('stackTraceLimit', '{ value: 7, writable: false }')],
  ['no limit', 'delete Error.stackTraceLimit'],
  ['a formatter with accessors that throw', define('prepareStackTrace', THROWING)],
  [
    'a formatter for ever',
    define('prepareStackTrace', '{ value: () => calls++, writable: false, configurable: false }'),
  ],
  ['a formatter that throws', `Error.prepareStackTrace = () => { calls++; throw 'app' }`],
  ['a frozen Error', 'Object.freeze(Error)'],
  ['no captureStackTrace', 'delete Error.captureStackTrace'],
  [
    'an Error of its own',
    'const { Error: old } = globalThis; globalThis.Error = class Error extends old {}',
  ],
  ...['get', 'set', 'value', 'then', 'dir', 'secret', 'writable', 'timeout'].map(
    (name): [string, string] => [
      `Object.prototype.${name}`,
      `Object.prototype.${name} = function polluted() {}`,
    ],
  ),
  ['an overflow among promises', '', 'Promise.resolve(n).then(() => {}); new Promise(() => {})'],
  ['an overflow among async functions', '', 'void (async () => { await null })()'],
  ['an overflow among ticks', '', 'process.nextTick(() => {})'],
])('%s', async (_what, alter, recurse = 'n++') => {
  const [bare, ours] = await Promise.all([seen(alter, recurse, false), seen(alter, recurse, true)])
  expect(ours).toEqual(bare)
})
