/** `profview get` asks real servers, alone and in a cluster, by the real command. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { send } from '../../src/cli/get/client.js'
import { CERTIFICATE, KEY } from '../support/certificate.js'
import { profview } from '../support/cli.js'

const APP = join(import.meta.dirname, '../support/got-app.mjs')
const BIN = join(import.meta.dirname, '../../bin/profview.js')
const SECRET = 's'.repeat(32)

interface App {
  readonly ports: readonly number[]
  readonly elsewhere: number
  readonly dir: string
  readonly cwd: string
  url(path: string, worker?: number): string
  seen(): Promise<{ seen: string[]; last: Record<string, string> }>
  end(): Promise<void>
}

async function start(workers: number, options: object = {}): Promise<App> {
  const cwd = mkdtempSync(join(tmpdir(), 'profview-get-test-'))
  const dir = join(cwd, 'dumps')
  const child = fork(APP, [String(workers), JSON.stringify({ dir, ...options })], {
    env: { PATH: process.env.PATH },
    silent: true,
  })
  const [{ ports, elsewhere }] = await once(child, 'message')
  const url = (path: string, worker = 0) => `http://127.0.0.1:${ports[worker]}${path}`
  return {
    ...{ ports, elsewhere, dir, cwd, url },
    async seen() {
      // The command may take longer than a connection is kept.
      const answer = await fetch(url('/seen'), { headers: { connection: 'close' } })
      return (await answer.json()) as Awaited<ReturnType<App['seen']>>
    },
    async end() {
      child.kill('SIGKILL')
      await once(child, 'close')
      rmSync(cwd, { recursive: true, force: true })
    },
  }
}

let app: App
let signed: App
beforeAll(async () => {
  app = await start(0)
  signed = await start(2, { secret: SECRET })
})
afterAll(() => Promise.all([app.end(), signed.end()]))

const get = (args: readonly string[], options: { env?: Record<string, string> } = {}) =>
  profview(['get', ...args], { cwd: app.cwd, ...options })

describe('one request', () => {
  test.each([
    ['its dump in the answer', []],
    ['its dump in a directory', ['--dir', 'dumps']],
  ])('%s', async (_name, args) => {
    const { code, out, err } = get([app.url('/hello?a=1'), ...args])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^GET \/hello -> 200 {2}/)
    // When it was sent was believed.
    const { last } = await app.seen()
    expect(last['x-profview-sent']).toMatch(/^\d{16}$/)
    expect(last['x-profile']).toBe(args.length === 0 ? 'dump' : '1')
  })

  test('as data, and in Markdown', () => {
    const { requests, repeats } = JSON.parse(get([app.url('/hello'), '--json']).out)
    expect(requests).toEqual([
      {
        url: app.url('/hello'),
        method: 'GET',
        status: 200,
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        clientMicros: expect.any(Number),
        file: null,
        profile: { meta: expect.objectContaining({ kind: 'request' }), tree: expect.anything() },
      },
    ])
    expect(requests[0].profile.meta.id).toBe(requests[0].id)
    expect(repeats).toBe(null)
    expect(get([app.url('/hello'), '--md']).out).toMatch(/^### /)
  })

  test('-X, -H and -d are curl’s', async () => {
    writeFileSync(join(app.cwd, 'data'), 'b=2\n')
    const args = ['-d', 'a=1', '-d', '@data', '-H', 'X-Own: yes', '-H', 'content-type: text/x']
    expect(get([app.url('/form'), ...args]).out).toMatch(/^POST \/form -> 201/)
    const { last } = await app.seen()
    expect(last).toMatchObject({ 'x-own': 'yes', 'content-type': 'text/x', 'content-length': '7' })
    expect(get([app.url('/hello'), '-X', 'head', '--dir', 'dumps']).out).toMatch(/^HEAD \/hello/)
  })

  test('an answer that has no room for its dump: where it may be, or how to say', () => {
    expect(get([app.url('/204')], { env: { PROFVIEW_DIR: 'dumps' } }).out).toMatch(/-> 204/)
    const { code, err } = get([app.url('/204')])
    expect(code).toBe(1)
    expect(err).toMatch(/profiled as [0-9a-f]{16}, but its answer has no room .* --dir\n$/)
  })

  test('in a cluster, signed', () => {
    for (const worker of [0, 1]) {
      const args = [signed.url('/hello?x=1', worker), '--token']
      for (const more of [[], ['--dir', signed.dir]]) {
        const { code, out, err } = get([...args, ...more], { env: { PROFVIEW_SECRET: SECRET } })
        expect({ code, err }).toEqual({ code: 0, err: '' })
        expect(out).toMatch(/^GET \/hello -> 200/)
      }
    }
    const unsigned = get([signed.url('/hello')])
    expect([unsigned.code, unsigned.err]).toEqual([1, expect.stringMatching(/--token\)\n$/)])
  })
})

describe('redirects', () => {
  test('are followed, each with its own dump', () => {
    const { out, code } = get([app.url('/old')])
    expect(code).toBe(0)
    expect(out).toMatch(/^GET \/old -> 302[\s\S]*\n\nGET \/hello -> 200/)
    expect(get([app.url('/moved'), '-d', 'a']).out).toMatch(/^POST \/moved[\s\S]*\nGET \/hello/)
    const both = get([signed.url('/old'), '--token'], { env: { PROFVIEW_SECRET: SECRET } })
    expect(both.out).toMatch(/\nGET \/hello -> 200/)
  })

  test('what was given by hand stays with the first origin', async () => {
    const secrets = ['Authorization: Bearer x', 'Cookie: a=b', 'X-Api-Key: c']
    const headers = [...secrets, 'Accept: text/x'].flatMap((header) => ['-H', header])
    const url = app.url(`/away?to=${app.elsewhere}`).replace('//', '//user:pass@')
    expect(get([url, ...headers]).code).toBe(0)
    const { last } = await app.seen()
    expect(last.host).toBe(`127.0.0.1:${app.elsewhere}`)
    expect(last.accept).toBe('text/x')
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(last[name]).toBe(undefined)
    // As curl does, at the same origin they go on.
    get([app.url('/old'), ...headers])
    expect((await app.seen()).last).toMatchObject({ cookie: 'a=b', 'x-api-key': 'c' })
  })

  test('a signature is not shown to others', () => {
    const env = { PROFVIEW_SECRET: SECRET }
    const { code, err } = get([signed.url(`/away?to=${app.elsewhere}`), '--token'], { env })
    // There it is profiled without one.
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })

  test.each([
    ['/loop', /redirected 10 times/],
    ['/file', /redirected to file: and not to http/],
  ])('%s', (path, message) => {
    const { code, err } = get([app.url(path)])
    expect([code, err.trimEnd().split('\n').length]).toEqual([1, 1])
    expect(err).toMatch(message)
  })
})

describe('what goes wrong is one line', () => {
  const oneLine = ({ code, out, err }: ReturnType<typeof get>, wanted: number) => {
    expect([code, out, err.trimEnd().split('\n').length]).toEqual([wanted, '', 1])
    return err
  }

  test.each([
    ['/plain', [], /answered 200, and was not profiled: .*the app's log says why/],
    ['/nowhere', ['-H', 'Via: x'], /answered 404, and was not profiled/],
    ['/cut', [], /closed without an answer/],
    ['/hello', ['--max-memory', '128MB', '--against', 'gone'], /gone/],
  ])('%s %j', (path, args, message) => {
    expect(oneLine(get([app.url(path), ...args]), 1)).toMatch(message)
  })

  test('nobody listens, no address, no secret, bad flags', () => {
    expect(oneLine(get(['http://127.0.0.1:1/a?password=x']), 1)).toMatch(/ECONNREFUSED/)
    expect(get(['http://127.0.0.1:1/a?password=x']).err).not.toContain('password')
    for (const url of ['', 'ftp://x/', 'http://', 'ht tp://x', 'http://[', 'file:///etc/passwd']) {
      expect(oneLine(get([url]), 2)).toMatch(/is no address/)
    }
    expect(oneLine(get([app.url('/hello'), '--token']), 2)).toMatch(/PROFVIEW_SECRET is not set/)
    for (const args of [
      ['-H', 'no'],
      ['-H', 'a\nb: c'],
      ['-X', 'CON NECT'],
      ['-n', 'x'],
    ]) {
      oneLine(get([app.url('/hello'), ...args]), 2)
    }
    expect(oneLine(get([app.url('/form'), '-d', '@gone']), 1)).toMatch(/cannot read gone/)
  })

  test('what does not speak HTTP, and what does not answer', async () => {
    const silent = createServer((socket) => {
      socket.on('data', () => {}).on('error', () => {})
    }).listen(0, '127.0.0.1')
    // Its thread is held up by the command: the kernel accepts the connection.
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as { port: number }
    const late = get([`http://127.0.0.1:${port}/`, '--timeout', '1s'])
    expect(oneLine(late, 1)).toMatch(/no answer in 1 s/)
    expect(oneLine(get([app.url('/hello').replace('http:', 'https:')]), 1)).toMatch(/TLS/)
  })

  test('a certificate of its own is told, and how it is trusted', async () => {
    const server = createSecureServer({ key: KEY, cert: CERTIFICATE }, (_, response) => {
      response.end('ok')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    const facts = { headers: [], body: null, timeoutMs: 5000, mostBytes: 1e6 }
    writeFileSync(join(app.cwd, 'own.pem'), CERTIFICATE)
    const sending = { ...facts, url: new URL(`https://127.0.0.1:${port}/`), method: 'GET' }
    await expect(send(sending)).rejects.toThrow(
      /127.0.0.1:\d+\/: nobody known signed its certificate \(\w+\): .*NODE_EXTRA_CA_CERTS=<file>/,
    )
    // The server's thread is this one.
    const answered = spawn(process.execPath, [BIN, 'get', sending.url.href], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(app.cwd, 'own.pem') },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const [[error]] = await Promise.all([
      once(answered.stderr!.setEncoding('utf8'), 'data'),
      once(answered, 'exit'),
    ])
    expect(error).toMatch(/answered 200, and was not profiled/)
  })

  test('nothing is sent twice', async () => {
    const before = (await app.seen()).seen.length
    get([app.url('/plain')])
    get([app.url('/form'), '-d', 'a', '-H', 'Via: x'])
    mkdirSync(join(app.cwd, 'wrong'), { recursive: true })
    const lost = get([app.url('/form'), '-d', 'a', '--dir', 'wrong'])
    expect(oneLine(lost, 1)).toMatch(/its dump did not appear in wrong within 10 s/)
    expect((await app.seen()).seen.slice(before)).toEqual([
      'GET /plain',
      'POST /form',
      'POST /form',
    ])
  })

  test('nothing is left', () => {
    const left = () => readdirSync(tmpdir()).filter((name) => /^profview-get-[^t]/.test(name))
    const before = left()
    get([app.url('/hello')])
    get([app.url('/plain')])
    expect(left().filter((name) => !before.includes(name))).toEqual([])
  })
})

describe('-n', () => {
  test('tells slow from fast', () => {
    const { code, out } = get([app.url('/sometimes'), '-n', '12'])
    expect(code).toBe(0)
    expect(out).toMatch(/^GET \/sometimes, 12 times: median [\d.]+ ms/)
    const { repeats } = JSON.parse(get([app.url('/sometimes'), '-n', '12', '--json']).out)
    expect(repeats).toMatchObject([{ route: 'GET /sometimes', count: 12 }])
    const [{ accounts }] = repeats
    const sum = accounts.reduce((all: number, { share }: { share: number }) => all + share, 0)
    expect(sum).toBeCloseTo(1, 6)
  })

  test('--against a directory: its own requests are no part of it', () => {
    const nothing = get([app.url('/204'), '--dir', 'dumps', '--against', 'dumps'])
    expect(nothing.code).toBeLessThanOrEqual(1)
    const { code, out } = get([
      app.url('/hello'),
      '-n',
      '3',
      '--against',
      'dumps',
      '--dir',
      'dumps',
    ])
    expect(code).toBe(0)
    expect(out).toMatch(/^GET \/hello {2}before .* after .*\(3 requests/)
  })
})

test('help with an example', () => {
  expect(profview(['get', '--help']).out).toMatch(/profview get http/)
})
