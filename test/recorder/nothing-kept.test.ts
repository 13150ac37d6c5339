/** What lives on after a response keeps nothing of the request that was followed. */
import { describe, expect, test } from 'vitest'
import { runScript, temporaryDir } from '../support/app.js'

/** Each opens something that lives on, of a request that is otherwise over. */
const OPENED = {
  'an interval': 'setInterval(() => {}, 5)',
  'a connection': 'living.push(connect(echo.address().port, "127.0.0.1"))',
  'a promise that is never settled': `
      const never = new Promise(() => {})
      living.push(never, never.then(() => {}))`,
  'a request’s own connection, kept alive': '',
}

describe.each(Object.entries(OPENED))('%s', (_what, open) => {
  test.each(['/', '/?profile=1'])('%s', async (path) => {
    const script = `
    import { once } from 'node:events'
    import { Agent, createServer, get } from 'node:http'
    import { connect, createServer as createEcho } from 'node:net'
    import { setTimeout as sleep } from 'node:timers/promises'
    import express from 'express'
    import { profiler } from './dist/index.js'
    const refs = {}
    const living = []
    const note = (name, object) => { refs[name] = new WeakRef(object) }
    const echo = createEcho((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(echo, 'listening')
    class Opener {
      open(argument) { ${open} }
    }
    let written = 0
    const app = express()
    app.use(profiler({ dir: ${JSON.stringify(temporaryDir())}, onProfile: () => written++ }))
    app.get('/', async (request, response) => {
      const opener = new Opener()
      const argument = { request }
      const callback = () => opener.open(argument)
      const error = new Error('a')
      for (const [name, object] of Object.entries({ request, response, opener, argument, callback, error }))
        note(name, object)
      await sleep(2)
      callback()
      await null
      response.send('hello')
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const agent = new Agent({ keepAlive: true })
    const ask = (path) => new Promise((resolve) => {
      get({ port: server.address().port, agent, path }, (response) => response.resume().on('end', resolve))
    })
    // The first one loads what all need.
    await ask('/?profile=1')
    await ask(${JSON.stringify(path)})
    const dumps = ${path === '/' ? 1 : 2}
    while (written < dumps) await sleep(10)
    await sleep(50)
    gc()
    await sleep(20)
    gc()
    console.log(Object.keys(refs).filter((name) => refs[name].deref() !== undefined).join())
    process.exit()`
    const { out, err } = await runScript(script, { flags: ['--expose-gc'] })
    expect(err.replace(/^profview: .*\n/gm, '')).toBe('')
    expect(out.trim()).toBe('')
  })
})
