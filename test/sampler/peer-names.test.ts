/** What a connection's other end is called: as the app wrote it, over each kind of transport. */
import { exec, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, get } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { profile } from '../../dist/bundle/index.mjs'
import type { Profile } from '../../src/profile/profile.js'

const ANSWER_MS = 20
const dir = mkdtempSync(join(tmpdir(), 'profview-peers-'))
/** As that of PostgreSQL. */
const path = process.platform === 'win32' ? '\\\\.\\pipe\\profview' : join(dir, '.s.PGSQL.5432')
/** TLS without certificates. */
const KEY = Buffer.from('0123456789abcdef')
const PSK = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
const sockets: Socket[] = []

function echo(socket: Socket): void {
  sockets.push(socket)
  socket.on('error', () => {})
  socket.on('data', (data) => void setTimeout(() => socket.write(data), ANSWER_MS))
}

const tcp = createServer(echo)
const unix = createServer(echo)
const secure = createTlsServer({ ...PSK, pskCallback: () => KEY }, echo)
const web = createHttpServer(
  (_request, response) => void setTimeout(() => response.end(), ANSWER_MS),
)
const webPath = `${path}.web`
const portOf = (server: Server) => (server.address() as { port: number }).port

beforeAll(async () => {
  tcp.listen(0, 'localhost')
  secure.listen(0, 'localhost')
  unix.listen(path)
  web.listen(webPath)
  await Promise.all([tcp, unix, secure, web].map((server) => once(server, 'listening')))
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of [tcp, unix, secure, web]) server.close()
  rmSync(dir, { recursive: true, force: true })
})

async function ask(socket: Socket): Promise<void> {
  socket.write('?')
  await once(socket, 'data')
}

/** What is waited for, the longest first; what is shorter than a millisecond left out. */
function wordsOf({ samples, stacks, frames }: Profile): string[] {
  const byWords = new Map<string, number>()
  samples.stack.forEach((stack, i) => {
    const { name } = frames[stacks.frame[stack]!]!
    if (!name.startsWith('[await] ')) return
    const words = name.slice('[await] '.length)
    byWords.set(words, (byWords.get(words) ?? 0) + samples.weight[i]!)
  })
  const long = [...byWords].filter(([, micros]) => micros > 1000)
  return long.sort(([, a], [, b]) => b - a).map(([words]) => words)
}

async function longestOf(work: () => Promise<unknown>, awaits: boolean): Promise<string> {
  const { profile: recorded } = await profile(work, { awaits })
  return wordsOf(recorded!)[0] ?? ''
}

/** Over a connection of its own, which is there before it is asked. */
async function asked(begin: () => Socket, event: string, awaits: boolean): Promise<string> {
  let socket: Socket | undefined
  const words = await longestOf(async () => {
    socket = begin()
    await once(socket, event)
    for (let i = 0; i < 3; i++) await ask(socket)
  }, awaits)
  socket?.destroy()
  return words
}

const tls = { ...PSK, pskCallback: () => ({ psk: KEY, identity: 'app' }), checkServerIdentity() {} }
const beginTls = (options: object) => connectTls({ ...tls, ...options } as never)

const PEERS: [string, () => Socket, string, () => string][] = [
  [
    'a name',
    () => connect(portOf(tcp), 'localhost'),
    'connect',
    () => `TCP localhost:${portOf(tcp)}`,
  ],
  ['a path', () => connect(path), 'connect', () => `unix ${path}`],
  ['options with a path', () => connect({ path }), 'connect', () => `unix ${path}`],
  [
    'TLS',
    () => beginTls({ port: portOf(secure), host: 'localhost' }),
    'secureConnect',
    () => `TLS localhost:${portOf(secure)}`,
  ],
  [
    'TLS over a connection that was there before',
    () => beginTls({ socket: connect(portOf(secure), 'localhost') }),
    'secureConnect',
    () => `TLS localhost:${portOf(secure)}`,
  ],
]

describe.each([true, false])('with awaits followed: %s', (awaits) => {
  test.each(PEERS)('%s', async (_what, begin, event, words) => {
    expect(await asked(begin, event, awaits)).toBe(words())
  })

  test('an address', async () => {
    const { address, family, port } = tcp.address() as {
      address: string
      family: string
      port: number
    }
    const host = family === 'IPv6' ? `[${address}]` : address
    const words = await asked(() => connect(port, address), 'connect', awaits)
    expect(words).toBe(`TCP ${host}:${port}`)
  })

  test('HTTP over a path', async () => {
    const request = () =>
      new Promise((resolve, reject) => {
        get({ socketPath: webPath, path: '/secret' }, (answer) =>
          answer.resume().on('end', resolve),
        ).on('error', reject)
      })
    expect(await longestOf(request, awaits)).toBe(`HTTP GET unix ${webPath}`)
  })
})

test('a socket is not changed by being asked for its name', async () => {
  const [asked, other] = [0, 0].map(() => connect(portOf(tcp), 'localhost'))
  await Promise.all([once(asked!, 'connect'), once(other!, 'connect')])
  await profile(() => ask(asked!), { awaits: true })
  await ask(other!)
  expect(new Set(Reflect.ownKeys(asked!))).toEqual(new Set(Reflect.ownKeys(other!)))
  expect(Reflect.get(asked!, '_peername')).toEqual(Reflect.get(other!, '_peername'))
  for (const socket of [asked!, other!]) socket.destroy()
})

const NODE = process.execPath
const SLOW = 'setTimeout(() => {}, 100)'

test.each([
  ['a program', () => once(spawn(NODE, ['-e', SLOW]), 'close'), 'child process node'],
  [
    'a shell',
    () => new Promise((done) => exec(`"${NODE}" -e "${SLOW}"`, done)),
    /^child process (sh|cmd\.exe)$/,
  ],
  [
    'without pipes',
    () => once(spawn(NODE, ['-e', SLOW], { stdio: 'ignore' }), 'exit'),
    'child process node',
  ],
  [
    'its messages',
    async () => {
      const child = spawn(NODE, ['-e', 'setTimeout(() => process.send(1), 100)'], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      await once(child, 'message')
      child.kill()
    },
    'child process node',
  ],
])('a child process: %s', async (_what, work, words) => {
  const longest = await longestOf(work as () => Promise<unknown>, true)
  if (typeof words === 'string') expect(longest).toBe(words)
  else expect(longest).toMatch(words)
})
