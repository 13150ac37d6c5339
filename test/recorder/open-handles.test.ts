/** Whoever lists what is still open, as Jest does, finds nothing of ours. */
import { expect, test } from 'vitest'
import { runScript, temporaryDir } from '../support/app.js'

/** What Jest leaves out of its list. */
const SCRIPT = `
  const { createHook } = require('node:async_hooks')
  const http = require('node:http')
  const NOT_LISTED = ['PROMISE', 'TIMERWRAP', 'ELDHISTOGRAM', 'PerformanceObserver',
    'RANDOMBYTESREQUEST', 'DNSCHANNEL']
  const open = new Map()
  createHook({
    init(id, type, parent, resource) {
      const at = {}
      Error.captureStackTrace(at)
      if (NOT_LISTED.includes(type) || !at.stack.includes('/dist/bundle/')) return
      open.set(id, { type, at, resource: new WeakRef(resource) })
    },
    destroy: (id) => open.delete(id),
  }).enable()
  const left = () => [...open.values()].filter(({ resource }) => {
    const { hasRef } = resource.deref() ?? {}
    return hasRef === undefined ? resource.deref() : hasRef.call(resource.deref())
  })
  const { profiler } = require('profview')
  let dumps = 0
  const use = profiler({ logger: { info() {}, warn() {} }, onProfile: () => dumps++ })
  const server = http.createServer((request, response) =>
    use(request, response, () => response.end('x')))
  server.listen(0, '127.0.0.1', async () => {
    const { port } = server.address()
    for (const path of ['/', '/?profile=1', '/?profile=html', '/'])
      await new Promise((done) =>
        http.get({ port, path, agent: false }, (response) => response.resume().on('end', done)))
    while (dumps < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => server.close(resolve))
    await new Promise((resolve) => setTimeout(resolve, 50))
    console.log(left().map(({ type, at }) => type + at.stack).join())
  })
`

test('when all is answered, and the dumps are written', async () => {
  const env = { PROFVIEW_DIR: temporaryDir() }
  const { out, err, code } = await runScript(SCRIPT, { env, type: 'commonjs' })
  expect(out).toBe('\n')
  expect(err).toBe('')
  expect(code).toBe(0)
})
