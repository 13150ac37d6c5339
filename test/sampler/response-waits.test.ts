/** What requests of a server wait for: their bodies, their responses, and what is neither. */
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ProfileInfo, profiler, readProfile } from '../../dist/bundle/index.mjs'
import type { Profile } from '../../src/profile/profile.js'
import { waitsByStack } from '../../src/profile/wait-counts.js'
import { temporaryDir } from '../support/app.js'

const PIECE_MS = 20
const LARGE = Buffer.alloc(20_000_000, 'x')

async function read(body: IncomingMessage): Promise<void> {
  for await (const _piece of body);
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown
const HANDLERS: Record<string, Handler> = {
  async body(request, response) {
    await read(request)
    response.end()
  },
  events(request, response) {
    request.on('data', () => {}).on('end', () => response.end())
  },
  async unread(_request, response) {
    await sleep(4 * PIECE_MS)
    response.end()
  },
  large(_request, response) {
    response.end(LARGE)
  },
  async finish(_request, response) {
    response.end(LARGE)
    await once(response, 'finish')
  },
  async drain(_request, response) {
    if (!response.write(LARGE)) await once(response, 'drain')
    response.end()
  },
}

let middleware: ReturnType<typeof profiler>
const server = createServer((request, response) => {
  const name = new URL(request.url!, 'http://a').pathname.slice(1)
  middleware(request, response, () => void HANDLERS[name]!(request, response))
})
const agent = new Agent({ keepAlive: true })
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  agent.destroy()
  server.closeAllConnections()
  server.close()
})

/** Sends the pieces of a body, one each 20 ms; reads the answer after `pause` ms. */
async function profileOf(name: string, pieces: number, pause = 0): Promise<Profile> {
  const info = new Promise<ProfileInfo>((resolve) => {
    middleware = profiler({ dir: temporaryDir(), onProfile: resolve })
  })
  const { port } = server.address() as AddressInfo
  const method = pieces > 0 ? 'POST' : 'GET'
  const path = `/${name}?profile=1`
  const asking = request({ host: '127.0.0.1', port, path, method, agent })
  // It may come before all pieces are written.
  const answered = once(asking, 'response') as Promise<[IncomingMessage]>
  for (let i = 0; i < pieces; i++) {
    asking.write('x')
    await sleep(PIECE_MS)
  }
  asking.end()
  const [answer] = await answered
  await sleep(pause)
  await read(answer)
  return readProfile((await info).file)
}

/** Each wait that took 5 ms in all, and how many it was. */
function toldOf(recorded: Profile): [string, number][] {
  const told = new Map<string, { count: number; micros: number }>()
  for (const [stack, { count, totalMicros }] of waitsByStack(recorded)) {
    const { name } = recorded.frames[recorded.stacks.frame[stack]!]!
    const before = told.get(name) ?? { count: 0, micros: 0 }
    told.set(name, { count: before.count + count, micros: before.micros + totalMicros })
  }
  return [...told]
    .filter(([, { micros }]) => micros > 5000)
    .map(([name, { count }]) => [name.replace('[await] ', ''), count])
}

test.each(['body', 'events'])('a body is waited for while it is read: %s', async (name) => {
  // The first recording of all holds the loop up while it begins.
  await profileOf(name, 1)
  const [told, ...others] = toldOf(await profileOf(name, 3))
  expect(others).toEqual([])
  expect(told![0]).toBe('request body')
  // The pieces but the first, which may come with the head, and the end; each is one wait.
  expect(told![1]).toBeGreaterThanOrEqual(3)
  expect(told![1]).toBeLessThanOrEqual(4)
})

test('one that nobody reads is not waited for', async () => {
  expect(toldOf(await profileOf('unread', 3))).toEqual([[`timer ${4 * PIECE_MS} ms`, 1]])
})

test('a request without a body has none', async () => {
  expect(toldOf(await profileOf('body', 0))).toEqual([])
  expect(toldOf(await profileOf('unread', 0))).toEqual([[`timer ${4 * PIECE_MS} ms`, 1]])
})

test.each(['large', 'finish', 'drain'])('a response is waited for to its end: %s', async (name) => {
  const told = toldOf(await profileOf(name, 0, 50))
  expect(told.map(([words]) => words)).toEqual(['response'])
})
