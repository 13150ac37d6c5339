/** What an app does to Node itself, before or after us, holds as it would without us. */
import { expect, test } from 'vitest'
import { Dumps, runScript } from '../support/app.js'

/** An app that answers two requests, one profiled; `around` are lines before and after ours. */
function app(before: string, after: string, options = '{}'): string {
  return `
    import http from 'node:http'
    import { AsyncLocalStorage } from 'node:async_hooks'
    import timers from 'node:timers'
    import { syncBuiltinESMExports } from 'node:module'
    const store = new AsyncLocalStorage()
    const seen = []
    let isPatient = false
    ${before}
    const { profiler } = await import('profview')
    const use = profiler({ ...${options}, onProfile: () => seen.push(store.getStore() ?? 'no store') })
    ${after}
    const server = http.createServer((request, response) =>
      store.run(request.url, () => use(request, response, () => response.end('x'))))
    server.listen(0, '127.0.0.1', async () => {
      const { port } = server.address()
      for (const path of ['/?profile=1', '/']) {
        const get = (done) => http.get({ port, path, agent: false }, (r) => r.resume().on('end', done))
        await new Promise(get)
      }
      while (isPatient && seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      server.close()
    })
    // After whatever we do at the exit.
    process.on('beforeExit', () => process.on('exit', () => console.log(JSON.stringify(seen))))
  `
}

/** Fake timers that keep what they are given, and never run it. */
const FAKE = `
  const kept = []
  timers.setImmediate = globalThis.setImmediate = (fn) => { seen.push('kept'); return MADE }
  timers.clearImmediate = globalThis.clearImmediate = () => {}
  syncBuiltinESMExports()
`
const fake = (made: string) => FAKE.replace('MADE', made)

async function seenBy(script: string): Promise<unknown> {
  const { dir } = new Dumps()
  const ended = await runScript(script, { env: { PROFVIEW_DIR: dir } })
  expect(ended.err.replace(/^profview: .*\n/gm, '')).toBe('')
  expect(ended.code).toBe(0)
  return JSON.parse(ended.out)
}

const NODES = `{ ref() {}, unref() { return this } }`
test.each([
  ['like Node’s', NODES],
  ['numbers', '5'],
])('fake timers, %s, that come later are given nothing of ours', async (_, made) => {
  expect(await seenBy(app('', fake(made)))).toEqual(['no store'])
})

test.each([
  ['like Node’s', NODES],
  ['numbers', '5'],
])('fake timers, %s, that were there before do no harm', async (_, made) => {
  const seen = await seenBy(app(fake(made), ''))
  expect(seen).toContain('kept')
})

test('a method of Node’s that is patched later, where it is inherited from, is called', async () => {
  const patch = `
    const { end } = http.OutgoingMessage.prototype
    http.OutgoingMessage.prototype.end = function (...args) {
      if (this instanceof http.ServerResponse) seen.push('end')
      return end.apply(this, args)
    }
  `
  const seen = (await seenBy(app('', patch))) as string[]
  expect(seen.filter((what) => what === 'end')).toHaveLength(2)
})

test('a method that cannot be patched is left alone, and profiles are made all the same', async () => {
  const freeze = `Object.defineProperty(http.ServerResponse.prototype, 'end', {
    value: http.ServerResponse.prototype.end,
  })`
  expect(await seenBy(app(freeze, ''))).toEqual(['no store'])
})

test('the app’s own callback runs in no request’s store, whoever came first', async () => {
  expect(await seenBy(app('isPatient = true', '', `{ arm: 'trigger' }`))).toEqual(['no store'])
})
