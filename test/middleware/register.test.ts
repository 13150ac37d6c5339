/** `profview/register`, in processes that know nothing of it. */
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ChildOptions, ROOT, runScript, temporaryDir } from '../support/app.js'
import { type Dump, dumpsIn } from '../support/dump-check.js'

/** Modules of Node that some loaders of it need, and others do not. */
const SMALL = ['diagnostics_channel', 'module', 'string_decoder']

const IMPORT = ['--import', 'profview/register']

/** For scripts: asks a server of this process; the status, and whether the answer is profiled. */
const ASK = `
  globalThis.ask = async (server, path = '/?profile=1', init) => {
    const answer = await fetch('http://127.0.0.1:' + server.address().port + path, init)
    return [await answer.text(), answer.headers.has('x-profile-id')].join(' ')
  }
  globalThis.listen = (server) => new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
  globalThis.ours = () => Object.keys(process.getBuiltinModule('node:module')._cache)
    .map((file) => file.replaceAll('\\\\', '/'))
    .filter((file) => file.includes('/dist/bundle/')).map((file) => file.replace(/.*\\//, ''))
  globalThis.end = (result) => { console.log(JSON.stringify(result)); process.exit() }
`

async function run(
  script: string,
  { flags = IMPORT, env = {}, ...options }: ChildOptions = {},
): Promise<{ result: unknown; dumps: Dump[]; err: string; dir: string }> {
  const dir = env.PROFVIEW_DIR ?? temporaryDir()
  const ended = await runScript(ASK + script, {
    ...options,
    flags,
    env: { PROFVIEW_DIR: dir, ...env },
  })
  if (ended.out === '') throw new Error(ended.err)
  return { result: JSON.parse(ended.out), dumps: dumpsIn(dir), err: ended.err, dir }
}

describe('until something serves, nothing but one small file is loaded', () => {
  const NOTHING = `
    import net from 'node:net'
    const server = await listen(net.createServer())
    end([ours(), process.getActiveResourcesInfo().includes('MessagePort')])`

  test.each([
    ['imported', IMPORT, {}],
    ['required', ['--require', 'profview/register'], {}],
    ['by NODE_OPTIONS', [], { NODE_OPTIONS: '--import=profview/register' }],
    ['twice', [...IMPORT, '--require', 'profview/register'], {}],
  ])('%s', async (_, flags, env) => {
    expect((await run(NOTHING, { flags, env })).result).toEqual([['register.js'], false])
  })

  test('of Node it loads what most programs have', async () => {
    // Those of Node that are not internal, as Node lists them.
    const LIST = `end(process.moduleLoadList.flatMap((name) =>
      /^NativeModule (?!internal)(.*)/.exec(name)?.[1] ?? []))`
    const without = (await run(LIST, { flags: ['--import', 'data:text/javascript,'] })).result
    const { result } = await run(LIST)
    const more = (result as string[]).filter((name) => !(without as string[]).includes(name))
    expect(more.filter((name) => !SMALL.includes(name))).toEqual([])
  })
})

describe('no request is missed', () => {
  test('that comes in the tick in which its server listens', async () => {
    const { result, dumps } = await run(
      `
      import { createServer } from 'node:http'
      import { connect } from 'node:net'
      const path = process.platform === 'win32'
        ? '\\\\\\\\.\\\\pipe\\\\profview-' + process.pid : process.env.PROFVIEW_DIR + '/../s' + process.pid
      const server = createServer((request, response) => response.end('x')).listen(path)
      const socket = connect(path)
      socket.write('GET /?profile=1 HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n')
      let text = ''
      socket.on('data', (data) => { text += data })
      socket.on('close', () => end(/x-profile-id/i.test(text)))`,
      { env: { PROFVIEW: 'all' } },
    )
    expect({ result, dumps: dumps.length }).toEqual({ result: true, dumps: 1 })
  })

  test('of a server that is given its connections by another', async () => {
    const { result } = await run(`
      import { createServer } from 'node:http'
      import net from 'node:net'
      const inner = createServer((request, response) => response.end('x'))
      const outer = await listen(net.createServer((socket) => inner.emit('connection', socket)))
      const before = ours()
      end([before, await ask(outer), await ask(outer)])`)
    expect(result).toEqual([['register.js'], 'x true', 'x true'])
  })
})

/** TLS without certificates. */
const TLS = `
  const key = Buffer.from('0123456789abcdef')
  const psk = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }
  const served = { ...psk, pskCallback: () => key }
  const asked = { ...psk, pskCallback: () => ({ psk: key, identity: 'app' }), checkServerIdentity() {} }`

test.each([
  ['http', 'http.createServer(app)', 'http'],
  ['https', 'https.createServer(served, app)', 'https'],
  ['HTTP/2', 'http2.createServer(app)', 'http2'],
  ['HTTP/2 over TLS', 'http2.createSecureServer(served, app)', 'http2'],
  ['HTTP/1 beside it', 'http2.createSecureServer({ ...served, allowHTTP1: true }, app)', 'https'],
])('a server of %s', async (_, create, client) => {
  const { result, dumps } = await run(`
    import * as http from 'node:http'
    import * as https from 'node:https'
    import * as http2 from 'node:http2'
    ${TLS}
    const server = await listen(${create.replace('app', "(_, response) => response.end('x')")})
    const { port } = server.address()
    if ('${client}' === 'http2') {
      const scheme = ${create.includes('served')} ? 'https' : 'http'
      const session = http2.connect(scheme + '://localhost:' + port, asked)
      session.request({ ':path': '/?profile=1' }).on('response', (headers) =>
        end('x-profile-id' in headers))
    } else {
      ${client}.get({ ...asked, host: 'localhost', port, path: '/?profile=1' },
        ({ headers }) => end('x-profile-id' in headers))
    }`)
  expect({ result, dumps: dumps.length }).toEqual({ result: true, dumps: 1 })
})

describe('an app notices nothing', () => {
  test('of what it inherits', async () => {
    const SHAPE = `
      import { createServer, Server } from 'node:http'
      const server = await listen(createServer())
      const { emit } = server
      const text = [emit.name, emit.length, Object.keys(server).includes('emit'),
        Object.getPrototypeOf(emit) === Function.prototype, emit('nothing') ]
      end(text)`
    const without = await run(SHAPE.replace('emit(', 'server.emit('), { flags: [] })
    expect((await run(SHAPE.replace('emit(', 'server.emit('))).result).toEqual(without.result)
  })

  test('of what emitting returns and throws, by whom it is called and with what', async () => {
    const { result, dumps } = await run(`
      import { createServer, Server } from 'node:http'
      const seen = []
      class Own extends Server {
        emit(event, ...args) {
          if (event === 'request') seen.push('own')
          return super.emit(event, ...args)
        }
      }
      // Made before anything listens, and used by hand.
      const server = new Own(function (request, response) {
        seen.push(this === server, arguments.length, request.url)
        if (request.url.startsWith('/throws')) throw new Error('of the app')
        response.end('x')
      })
      await listen(server)
      seen.push(await ask(server), server.emit('request', { url: '/by-hand' }, { end() {} }))
      try { server.emit('request', { url: '/throws' }, {}) } catch ({ message }) { seen.push(message) }
      end([seen, createServer().emit('request', {}, {})])`)
    const [byClient, byHand] = ['/?profile=1', '/by-hand'].map((url) => ['own', true, 2, url])
    const throws = ['own', true, 2, '/throws', 'of the app']
    expect(result).toEqual([[...byClient!, ...byHand!, 'x true', true, ...throws], false])
    expect(dumps).toHaveLength(1)
  })

  test('where it answers what expects to be asked first', async () => {
    const { result } = await run(`
      import { createServer, request } from 'node:http'
      const server = createServer((request, response) => response.end('x'))
      server.on('checkContinue', (request, response) => {
        response.writeContinue()
        server.emit('request', request, response)
      })
      server.on('checkExpectation', (request, response) => response.writeHead(417).end())
      await listen(server)
      const send = (Expect) => new Promise((resolve) => {
        const { port } = server.address()
        const path = '/?profile=1'
        request({ port, host: '127.0.0.1', path, method: 'POST', headers: { Expect } },
          ({ statusCode, headers }) => resolve([statusCode, 'x-profile-id' in headers])).end('x')
      })
      end([await send('100-continue'), await send('tea')])`)
    expect(result).toEqual([
      [200, true],
      [417, true],
    ])
  })

  test('where our files cannot be loaded', async () => {
    const copy = temporaryDir()
    cpSync(join(ROOT, 'dist/bundle/register.js'), join(copy, 'register.cjs'))
    const { result, err } = await run(
      `
      import { createServer } from 'node:http'
      end(await ask(await listen(createServer((request, response) => response.end('x')))))`,
      { flags: ['--require', join(copy, 'register.cjs')] },
    )
    expect(result).toBe('x false')
    expect(err).toMatch(/ProfviewWarning: requests are served unprofiled: not all files .* anew/)
  })
})

describe('who decides', () => {
  const EXPRESS = `
    import { createServer } from 'node:http'
    import express from 'express'
    import { profiler } from 'profview'
    const app = express()
    app.use(profiler({ dir: process.env.OWN_DIR, ...JSON.parse(process.env.OWN_OPTIONS) }))
    app.get('/users/:id', (request, response) => response.send('x'))
    end(await ask(await listen(createServer(app)), '/users/7?profile=1'))`

  test.each([
    ['what the app has mounted', {}, {}, true],
    [
      'what it has mounted, whatever the environment says',
      { mode: 'off' },
      { PROFVIEW: 'all' },
      false,
    ],
    ['the environment, where it says off', {}, { PROFVIEW: 'Off' }, false],
  ])('%s', async (_, options, env, isProfiled) => {
    const own = temporaryDir()
    const { result, dumps } = await run(EXPRESS, {
      env: { ...env, OWN_DIR: own, OWN_OPTIONS: JSON.stringify(options) },
    })
    expect([result, dumps.length]).toEqual([`x ${isProfiled}`, 0])
    const routes = dumpsIn(own).map(({ meta }) => meta.request?.route)
    expect(routes).toEqual(isProfiled ? ['/users/:id'] : [])
  })

  const BARE = `
    import { createServer } from 'node:http'
    end(await ask(await listen(createServer((request, response) => response.end('x')))))`

  test('the first of two copies', async () => {
    const copy = temporaryDir()
    cpSync(join(ROOT, 'dist/bundle'), join(copy, 'dist/bundle'), { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'))
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction')
    const flags = [...IMPORT, '--require', join(copy, 'dist/bundle/register.js')]
    const { result, dumps } = await run(BARE, { flags })
    expect({ result, dumps: dumps.length }).toEqual({ result: 'x true', dumps: 1 })
  })

  test('PROFVIEW=off: nothing is sampled', async () => {
    const { result } = await run(
      `
      import { createServer } from 'node:http'
      const server = await listen(createServer((request, response) => response.end('x')))
      const addons = () => ours().length > 0 && Object.keys(process.getBuiltinModule('node:module')
        ._cache).filter((file) => file.endsWith('.node')).length
      end([await ask(server), addons()])`,
      { env: { PROFVIEW: 'off' } },
    )
    expect(result).toEqual(['x false', 0])
  })

  test.each([
    ['PM2, which has the app’s variables in one', { PROFVIEW: 'off' }, {}, false],
    ['a variable of its own before that', { PROFVIEW: 'off' }, { PROFVIEW: 'on' }, true],
    ['NODE_ENV there, too', { NODE_ENV: 'production' }, {}, false],
    ['what is none of ours', { name: 'app', PROFVIEW: { a: 1 }, env: null }, {}, true],
  ])('%s', async (_, packed, env, isProfiled) => {
    const pm2 = { pm2_env: JSON.stringify(packed) }
    expect((await run(BARE, { env: { ...pm2, ...env } })).result).toBe(`x ${isProfiled}`)
  })

  test('a variable of that name that is not PM2’s', async () => {
    expect((await run(BARE, { env: { pm2_env: '{' } })).result).toBe('x true')
  })
})
