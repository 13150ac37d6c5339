/** What each app is asked for, by the names of the table's columns. */
import { expect } from 'vitest'
import type { Answer } from './client.js'
import { clockedOnes } from './own-time.js'
import type { Profiled, Running } from './running.js'
import type { App } from './table.mjs'

/** An app with the profiler, and the same app without. */
export interface Pair {
  readonly app: App
  readonly mounted: Running
  readonly bare: Running
}

export const CHECKS: Readonly<Record<string, (pair: Pair) => Promise<void>>> = {
  async ok({ mounted }) {
    const profiled = await mounted.profiled('/hello')
    expect(profiled.answer).toMatchObject({ status: 200, body: 'hello' })
    expect(profiled.answer.headers['server-timing']).toMatch(/\bcpu;dur=/)
    expect(titleOf(profiled)).toBe('GET /hello 200')
    expect(profiled.dump.names).toContain('[await] timer 5 ms')
  },

  async route({ app, mounted }) {
    const profiled = await mounted.profiled('/users/7?full=1')
    expect(JSON.parse(profiled.answer.body)).toEqual({ id: 7, name: 'Ada' })
    expect(titleOf(profiled)).toBe(`GET ${written(app, '/users/:id')} 200`)
    expect(profiled.dump.names).toContain('findUser')
  },

  async nested({ app, mounted }) {
    const profiled = await mounted.profiled('/shop/orders/3/items')
    expect(JSON.parse(profiled.answer.body)).toEqual([{ order: 3, item: 'lamp' }])
    expect(titleOf(profiled)).toBe(`GET ${written(app, '/shop/orders/:order/items')} 200`)
  },

  async post({ mounted }) {
    const body = JSON.stringify({ text: 'x'.repeat(1000) })
    const headers = { 'content-type': 'application/json' }
    const profiled = await mounted.profiled('/echo', { method: 'POST', headers, body })
    expect(profiled.answer.body).toBe(body)
    expect(titleOf(profiled)).toMatch(/^POST \/echo 20[01]$/)
  },

  async 500({ mounted }) {
    const profiled = await mounted.profiled('/fail')
    expect(profiled.answer.status).toBe(500)
    expect(titleOf(profiled)).toBe('GET /fail 500')
  },

  async 404({ mounted }) {
    const profiled = await mounted.profiled('/missing/7')
    expect(profiled.answer.status).toBe(404)
    expect(titleOf(profiled)).toBe('GET  404')
  },

  async stream({ mounted }) {
    const [profiled] = await clockedOnes(mounted, ['line'], async () => [
      await mounted.profiled('/lines'),
    ])
    expect(profiled!.answer.body).toBe('line 0\nline 1\nline 2\nline 3\n')
    expect(titleOf(profiled!)).toBe('GET /lines 200')
  },

  async events({ mounted }) {
    const [profiled] = await clockedOnes(mounted, ['line'], async () => [
      await mounted.profiled('/events'),
    ])
    const { answer } = profiled!
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream\b/)
    expect(answer.body.match(/^data: line \d$/gm)).toHaveLength(4)
    expect(titleOf(profiled!)).toBe('GET /events 200')
  },

  async abort({ app, mounted }) {
    const before = new Set(mounted.dumps())
    const headers = { 'x-profile': mounted.trigger('GET', '/slow/7') }
    const pending = mounted.client.begin('/slow/7', { headers })
    await pending.sent
    // What has been sent before is there before.
    await mounted.client.ask('/hello')
    pending.abort()
    const { dump } = await mounted.dumpWhere((name) => !before.has(name))
    const route = written(app, '/slow/:id')
    expect(dump.meta.request).toMatchObject({ method: 'GET', route, aborted: true })
  },

  async upload({ app, mounted }) {
    const headers = { 'content-type': 'application/octet-stream' }
    const body = Buffer.alloc(2_000_000)
    const profiled = await mounted.profiled('/files/large', { method: 'PUT', headers, body })
    expect(JSON.parse(profiled.answer.body)).toEqual({ size: 2_000_000 })
    expect(titleOf(profiled)).toBe(`PUT ${written(app, '/files/:name')} 200`)
    expect(profiled.dump.names).toContain('sizeOf')
  },

  async pipelined({ app, mounted }) {
    const paths = ['/users/7', '/shop/orders/3/items', '/users/8']
    const texts = paths.map((path, i) => {
      const header = `x-profile: ${mounted.trigger('GET', path)}`
      return bytesOf(path, header, i === paths.length - 1)
    })
    const text = await mounted.client.exchange(texts.join(''))
    expect(text.match(/Ada|lamp/g)).toEqual(['Ada', 'lamp', 'Ada'])
    const routes: unknown[] = []
    for (const [, id] of text.matchAll(/^x-profile-id: (\w+)/gim)) {
      const { dump } = await mounted.dumpOf(id)
      routes.push(dump.meta.request?.route)
    }
    const [user, items] = [written(app, '/users/:id'), written(app, '/shop/orders/:order/items')]
    expect(routes).toEqual([user, items, user])
  },

  async four({ mounted }) {
    const names = ['a', 'b', 'c', 'd']
    const ask = () => Promise.all(names.map((name) => mounted.profiled(`/clocked/${name}`)))
    for (const [i, { answer, dump }] of (await clockedOnes(mounted, names, ask)).entries()) {
      expect(JSON.parse(answer.body)).toEqual({ name: names[i] })
      expect(dump.names).toContain('[await] timer 30 ms')
    }
  },

  async report({ app, mounted }) {
    const headers = { 'x-profile': mounted.trigger('GET', '/users/7') }
    const answer = await mounted.client.ask('/users/7?profile=html', { headers })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.body).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/)
    const { dump } = await mounted.dumpOf(answer.headers['x-profile-id'])
    expect(dump.meta.request).toMatchObject({ route: written(app, '/users/:id'), status: 200 })
  },

  async untouched(pair) {
    const { app, mounted, bare } = pair
    for (const path of ['/hello', '/users/7', '/missing', '/fail', '/lines', '/events']) {
      expect(await rawOf(mounted, app, path), path).toEqual(await rawOf(bare, app, path))
    }
    const body = '{"a":1}'
    const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    const [one, other] = [mounted, bare].map(({ client }) => client.ask('/echo', asked))
    expect(undated(await one!)).toEqual(undated(await other!))
  },
}

// --- internal ---

function titleOf({ dump }: Omit<Profiled, 'answer'>): string {
  const { method, route, status } = dump.meta.request!
  return `${method} ${route} ${status}`
}

/** A pattern as the app's framework writes it. */
function written({ isBracketed }: App, pattern: string): string {
  return isBracketed ? pattern.replace(/:(\w+)/g, '[$1]') : pattern
}

function bytesOf(path: string, header: string, isLast: boolean): string {
  const lines = [`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', header]
  return `${[...lines, ...(isLast ? ['Connection: close'] : [])].join('\r\n')}\r\n\r\n`
}

/** Bytes; of HTTP/2, which has packed them, what they say. */
async function rawOf({ client }: Running, { protocol }: App, path: string): Promise<unknown> {
  if (protocol === 'h2c') return undated(await client.ask(path))
  // Nest keeps the connection of events, whatever its client says.
  const isEnough = (text: string) => text.endsWith('\r\n0\r\n\r\n')
  const text = await client.exchange(bytesOf(path, 'X-Other: 1', true), isEnough)
  return text.replace(/^date: .*$/gim, 'date: now')
}

function undated({ headers: { date, ...headers }, ...answer }: Answer): object {
  expect(date).toBeDefined()
  return { ...answer, headers }
}
