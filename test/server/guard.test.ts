import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startViewer, type ViewerServer } from '../../src/server/server.js'
import { emptyPage } from '../support/empty-page.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'
import { temporaryDirectory, writeOneDump } from '../support/shop.js'

const { dir, remove } = temporaryDirectory()
let viewer: ViewerServer
let port: number
let base: string

beforeAll(async () => {
  writeOneDump(dir)
  viewer = await startViewer({ inputs: [dir], port: 0, page: emptyPage(dir) })
  const url = new URL(viewer.url)
  port = Number(url.port)
  base = url.pathname
})

afterAll(async () => {
  await viewer.close()
  remove()
})

const get = (path: string, headers: readonly string[] = [`Host: 127.0.0.1:${port}`]) =>
  sendRaw(port, [`GET ${path} HTTP/1.1`, ...headers, 'Connection: close'])

/** Nothing of ours may be in an answer that refuses. */
function expectNothing(answer: RawAnswer) {
  expect(answer.headers.has('access-control-allow-origin')).toBe(false)
  expect(answer.body).not.toMatch(/users|cpuprofile|node_modules|at .*:\d+/)
}

describe('the name that the browser believes in', () => {
  test.each(['127.0.0.1', 'localhost', '[::1]'])('%s is ours', async (host) => {
    expect((await get(`${base}api/index.json`, [`Host: ${host}:${port}`])).status).toBe(200)
  })

  test.each([
    'evil.com',
    'localhost6',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1.evil.com',
    'evil.com.127.0.0.1',
    '0.0.0.0',
    '127.1',
    '[::ffff:127.0.0.1]',
    'user@127.0.0.1',
  ])('%s is not', async (host) => {
    for (const value of [host, `${host}:${port}`]) {
      const answer = await get(`${base}api/index.json`, [`Host: ${value}`])
      expect(answer.status).toBe(403)
      expectNothing(answer)
    }
  })

  test.each([
    ['another port', (at: number) => [`Host: 127.0.0.1:${at + 1}`]],
    ['no port', () => ['Host: 127.0.0.1']],
    ['a name behind the port', (at: number) => [`Host: localhost:${at}.evil.com`]],
    ['none', () => []],
    ['an empty one', () => ['Host:']],
    ['two', (at: number) => [`Host: 127.0.0.1:${at}`, 'Host: evil.com']],
    ['the same twice', (at: number) => [`Host: 127.0.0.1:${at}`, `host: 127.0.0.1:${at}`]],
  ])('%s: refused', async (_name, headers) => {
    const answer = await get(`${base}api/index.json`, headers(port))
    expect(answer.status).toBe(403)
    expectNothing(answer)
  })

  test('an address in the request line: refused', async () => {
    for (const origin of [`http://127.0.0.1:${port}`, 'http://evil.com']) {
      const answer = await get(`${origin}${base}api/index.json`)
      expect(answer.status).toBe(400)
      expectNothing(answer)
    }
  })
})

describe('who asks', () => {
  test('a page of another site: refused', async () => {
    const answer = await get(base, [`Host: 127.0.0.1:${port}`, 'Sec-Fetch-Site: cross-site'])
    expect(answer.status).toBe(403)
    expectNothing(answer)
  })

  test('a file of this machine may open the page in a tab, and nothing else', async () => {
    const from = (mode: string, dest: string) => [
      `Host: 127.0.0.1:${port}`,
      ...['Sec-Fetch-Site: cross-site', `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${dest}`],
    ]
    expect((await get(base, from('navigate', 'document'))).status).toBe(200)
    for (const [path, mode, dest] of [
      [base, 'navigate', 'iframe'],
      [base, 'no-cors', 'document'],
      [base, 'cors', 'empty'],
      [`${base}api/index.json`, 'navigate', 'document'],
      ['/', 'navigate', 'document'],
    ] as const) {
      expect((await get(path, from(mode, dest))).status).toBe(403)
    }
  })

  test('an opaque origin gets no permission to read', async () => {
    const answer = await get(`${base}api/index.json`, [`Host: 127.0.0.1:${port}`, 'Origin: null'])
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
  })

  test.each(['/', '/api/index.json', '/A', `/${'A'.repeat(22)}/`, '//', '/favicon.ico'])(
    'without the secret, %s does not exist',
    async (path) => {
      const answer = await get(path)
      expect(answer.status).toBe(404)
      expectNothing(answer)
    },
  )

  test('a secret with one character more or less does not open', async () => {
    const secret = base.slice(1, -1)
    for (const wrong of [`${secret}x`, secret.slice(0, -1), secret.toLowerCase().toUpperCase()]) {
      expect((await get(`/${wrong}/`)).status).toBe(404)
    }
  })

  test('the secret has 128 bits', () => {
    expect(Buffer.from(base.slice(1, -1), 'base64url')).toHaveLength(16)
  })
})

describe('what is asked', () => {
  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s: not allowed',
    async (method) => {
      const answer = await sendRaw(port, [
        `${method} ${base}api/index.json HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Connection: close',
      ])
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('GET, HEAD')
      expectNothing(answer)
    },
  )

  test('HEAD answers without a body', async () => {
    const answer = await sendRaw(port, [
      `HEAD ${base}api/index.json HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: close',
    ])
    expect(answer.status).toBe(200)
    expect(answer.body).toBe('')
  })

  test('a header of a megabyte: too large', async () => {
    const answer = await get(base, [`Host: 127.0.0.1:${port}`, `X-Long: ${'x'.repeat(1 << 20)}`])
    expect(answer.status).toBe(431)
  })
})

test('who sends slowly is hung up on', async () => {
  // Node itself waits for a minute.
  const started = performance.now()
  const answer = await sendRawUnfinished(
    port,
    `GET ${base} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(performance.now() - started).toBeLessThan(30_000)
})

async function sendRawUnfinished(to: number, head: string): Promise<string> {
  const { connect } = await import('node:net')
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(to, '127.0.0.1', () => socket.write(head))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}
