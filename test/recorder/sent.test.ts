import { describe, expect, test } from 'vitest'
import type { IncomingRequest } from '../../src/recorder/request.js'
import { resolveOptions } from '../../src/recorder/resolve-options.js'
import { readRequestStart, sentOf } from '../../src/recorder/sent.js'

describe('readRequestStart', () => {
  test.each([
    ['t=1764128465.123', 1_764_128_465_123, 1],
    ['1764128465', 1_764_128_465_000, 1000],
    ['1764128465123', 1_764_128_465_123, 1],
    ['t=1764128465123', 1_764_128_465_123, 1],
    ['1764128465123.5', 1_764_128_465_123.5, 0.1],
    ['t=1764128465123456', 1_764_128_465_123.456, 0.001],
    [' t=1764128465.123 , t=1764128466.000', 1_764_128_465_123, 1],
  ])('%s', (text, at, resolution) => {
    const written = readRequestStart(text)!
    expect(written.at).toBeCloseTo(at, 3)
    expect(written.resolution).toBeCloseTo(resolution, 9)
  })

  test.each([
    ...['', 't=', 'now', '-1764128465', '17641284651', 'x,1764128465', '1e12', '0x1764128465'],
    ...['t=t=1764128465', '1764128465.', '1764128465 1764128466', '17641284651234567'],
  ])('%s is no time', (text) => {
    expect(readRequestStart(text)).toBeNull()
  })
})

describe('sentOf', () => {
  const settings = resolveOptions({ requestStart: 'X-Request-Start' }, {})
  const ago = (ms: number) => Math.round((Date.now() - ms) * 1000)
  const request = (headers: Record<string, string>, remoteAddress = '127.0.0.1') => {
    const line = { url: '/', httpVersion: '1.1', rawHeaders: ['host', 'localhost'] }
    return { ...line, headers, socket: { remoteAddress } } as unknown as IncomingRequest
  }

  test('a proxy is believed where it is named, our own client where it triggers', () => {
    const headers = { 'x-request-start': `t=${ago(200)}`, 'x-profview-sent': `${ago(100)}` }
    const { proxy, client, isDirect } = sentOf(request(headers), settings, true)!
    expect(proxy!.least).toBeGreaterThan(198)
    expect(proxy!.most).toBeLessThan(300)
    expect(client!.least).toBeGreaterThan(98)
    expect(client!.most - client!.least).toBeCloseTo(1, 1)
    expect(isDirect).toBe(true)
    expect(sentOf(request(headers), settings, false)!.client).toBeNull()
    expect(sentOf(request(headers), resolveOptions({}, {}), true)!.proxy).toBeNull()
    expect(sentOf(request(headers), resolveOptions({}, {}), false)).toBeNull()
  })

  test('only a client of this machine with nobody in between reads the same clock', () => {
    const sent = { 'x-profview-sent': `${ago(100)}` }
    const of = (headers: Record<string, string>, peer?: string) =>
      sentOf(request({ ...sent, ...headers }, peer), settings, true)!.isDirect
    expect(of({})).toBe(true)
    expect(of({ 'x-forwarded-for': '10.0.0.1' })).toBe(false)
    expect(of({}, '10.0.0.1')).toBe(false)
  })

  test('it is asked about the start, however late it is asked', () => {
    const headers = { 'x-request-start': `${ago(500)}` }
    expect(sentOf(request(headers), settings, false, 400)!.proxy!.most).toBeLessThan(400)
  })

  test('what was sent in the future or long ago was not, and a little too late is now', () => {
    const proxy = (ms: number) =>
      sentOf(request({ 'x-request-start': `${ago(ms)}` }), settings, false)!.proxy
    expect(proxy(-1000)).toBeNull()
    expect(proxy(61_000)).toBeNull()
    expect(proxy(-1.5)!.least).toBe(0)
    expect(proxy(0)!.least).toBeGreaterThanOrEqual(0)
  })

  test('anything else is as if it were not there', () => {
    for (const text of ['soon', '', '12', `${'9'.repeat(400)}`]) {
      const headers = { 'x-request-start': text, 'x-profview-sent': text }
      expect(sentOf(request(headers), settings, true)).toMatchObject({ proxy: null, client: null })
    }
  })
})
