/** Who may be profiled, asked directly: no server, no sampler. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { mayProfile } from '../../src/recorder/gate/gate.js'
import { strangerIn } from '../../src/recorder/gate/same-machine.js'
import { bodyAskedBy, findTrigger } from '../../src/recorder/gate/trigger.js'
import { PATIENCE_MS } from '../../src/recorder/in-time.js'
import type { ProfilerOptions } from '../../src/recorder/options.js'
import type { IncomingRequest } from '../../src/recorder/request.js'
import { resolveOptions } from '../../src/recorder/resolve-options.js'

// Where fake timers can reach them.
vi.mock('node:timers', () => ({
  setTimeout: (...args: Parameters<typeof setTimeout>) => globalThis.setTimeout(...args),
  clearTimeout: (timer: NodeJS.Timeout) => globalThis.clearTimeout(timer),
  setImmediate: (...args: Parameters<typeof setImmediate>) => globalThis.setImmediate(...args),
}))

const logger = { info: () => {}, warn: () => {} }

interface Asked {
  readonly peer?: string | undefined
  readonly version?: string
  readonly url?: string
  /** Default: `Host: localhost:3000`. */
  readonly host?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

function requestOf(asked: Asked = {}): IncomingRequest {
  const { version = '1.1', url = '/?profile=1', headers = {} } = asked
  const { host = ['Host', 'localhost:3000'] } = asked
  const remoteAddress = 'peer' in asked ? asked.peer : '127.0.0.1'
  const rawHeaders = [...host, ...Object.entries(headers).flat()]
  const request = { httpVersion: version, url, headers, rawHeaders, socket: { remoteAddress } }
  return request as unknown as IncomingRequest
}

describe('the same machine', () => {
  test.each<[string, Asked]>([
    ['curl', {}],
    ['by its address', { host: ['host', '127.0.0.1:3000'] }],
    ['by another of its addresses', { host: ['host', '127.1.2.3'], peer: '127.1.2.3' }],
    ['by IPv6', { host: ['host', '[::1]:3000'], peer: '::1' }],
    ['in capitals', { host: ['HOST', 'LocalHost'] }],
    ['HTTP/2', { version: '2.0', host: [':authority', 'localhost:3000'] }],
    [
      'HTTP/2 with both names',
      { version: '2.0', host: [':authority', 'localhost', 'host', '[::1]'] },
    ],
    ['an address typed by hand', { headers: { 'sec-fetch-site': 'none' } }],
    [
      'a page of its own',
      { headers: { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' } },
    ],
    [
      'a page of another port',
      { headers: { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:5173' } },
    ],
    ['a link in a page of its own', { headers: { referer: 'http://LocalHost:3000/a?b=c' } }],
    ['a link in a page at the address', { headers: { referer: 'https://[::1]/' } }],
    [
      'headers that sound alike',
      { headers: { 'x-zip': '1', 'accept-encoding': 'gzip', 'x-ship': 'a', 'x-ssla': '1' } },
    ],
    ['a trace', { headers: { traceparent: '00-1-2-01', 'x-request-id': '1' } }],
  ])('%s', (_name, asked) => {
    expect(strangerIn(requestOf(asked))).toBe(null)
  })

  test.each<[string, Asked]>([
    ['peer', { peer: undefined }],
    ['peer', { peer: '172.17.0.1' }],
    ['peer', { peer: '::ffff:172.17.0.1' }],
    ['peer', { peer: '127.0.0.1.example' }],
    ['http', { version: '1.0' }],
    ['http', { version: '0.9' }],
    ['http', { version: '3.0' }],
    ['http', { url: 'http://localhost/?profile=1' }],
    ['http', { url: '*?profile=1' }],
    ['host', { host: [] }],
    ['host', { host: ['host', ''] }],
    ['host', { host: ['host', 'shop.example'] }],
    ['host', { host: ['host', 'localhost6'] }],
    ['host', { host: ['host', 'localhost.'] }],
    ['host', { host: ['host', 'localhost.shop.example'] }],
    ['host', { host: ['host', 'shop.localhost'] }],
    ['host', { host: ['host', '127.0.0.1.shop.example'] }],
    ['host', { host: ['host', 'localhost:80.shop.example'] }],
    ['host', { host: ['host', 'localhost:3000 '] }],
    ['host', { host: ['host', 'a@localhost'] }],
    ['host', { host: ['host', '0.0.0.0:3000'] }],
    ['host', { host: ['host', '[::]:3000'] }],
    ['host', { host: ['host', '192.168.0.7:3000'] }],
    ['host', { host: ['host', 'localhost', 'Host', 'localhost'] }],
    ['host', { host: ['host', 'localhost', 'Host', 'shop.example'] }],
    ['host', { version: '2.0', host: [':authority', 'shop.example'] }],
    ['host', { version: '2.0', host: [':authority', 'localhost', 'host', 'shop.example'] }],
    ['site', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['site', { headers: { 'sec-fetch-site': 'Cross-Site' } }],
    ['site', { headers: { 'sec-fetch-site': 'none, cross-site' } }],
    ['site', { headers: { 'sec-fetch-site': '' } }],
    ['site', { headers: { origin: 'null' } }],
    ['site', { headers: { origin: '' } }],
    ['site', { headers: { origin: 'https://shop.example' } }],
    ['site', { headers: { origin: 'http://localhost.shop.example' } }],
    ['site', { headers: { origin: 'http://localhost@shop.example' } }],
    ['site', { headers: { origin: 'http://shop.example/localhost' } }],
    ['site', { headers: { origin: 'http://localhost, http://shop.example' } }],
    ['site', { headers: { origin: 'chrome-extension://abcdefgh' } }],
    ['site', { headers: { referer: 'https://shop.example/' } }],
    ['site', { headers: { referer: 'http://localhost.shop.example/localhost' } }],
    ['site', { headers: { referer: 'http://localhost@shop.example/' } }],
    ['site', { headers: { referer: 'http://localhost:80@shop.example/' } }],
    ['site', { headers: { origin: 'http://localhost', referer: 'http://192.168.0.7:5173/' } }],
  ])('%s: %o', (stranger, asked) => {
    expect(strangerIn(requestOf(asked))).toBe(stranger)
  })

  test.each(
    `forwarded via x-forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip cdn-loop
    cf-connecting-ip cf-connecting-ipv6 cf-ray cf-visitor true-client-ip fastly-client-ip fastly-ff
    x-client-ip x-cluster-client-ip fly-client-ip fly-region x-azure-clientip x-azure-socketip
    x-azure-ref x-azure-fdid x-appengine-user-ip x-appengine-country cloudfront-viewer-address
    cloudfront-forwarded-proto x-amz-cf-id x-amzn-trace-id x-cloud-trace-context x-remote-ip
    x-remote-addr x-originating-ip x-original-forwarded-for x-original-host x-envoy-external-address
    x-envoy-decorator-operation x-vercel-id x-vercel-forwarded-for x-nf-client-connection-ip
    akamai-origin-hop x-akamai-edgescape x-sucuri-clientip incap-client-ip wl-proxy-client-ip
    proxy-client-ip client-ip do-connecting-ip ali-cdn-real-ip x-proxyuser-ip x-arr-log-id
    front-end-https x-source-ip remote-addr x-arr-ssl x-varnish x-bluecoat-via proxy-connection
    max-forwards surrogate-capability x-scheme x-nginx-proxy x-cdn ngrok-trace-id x-client-cert
    tailscale-user-login x-railway-request-id ssl-client-verify x-ssl-client-dn x-ssl`.split(/\s+/),
  )('%s is a proxy’s', (name) => {
    expect(strangerIn(requestOf({ headers: { [name]: '127.0.0.1' } }))).toBe('proxy')
  })

  test('a request that is none of Node’s is a stranger’s, and nothing is thrown', () => {
    const bare = { url: '/', httpVersion: '1.1', socket: { remoteAddress: '::1' } }
    const others = [{}, null, { socket: null }, bare, { ...bare, headers: {}, rawHeaders: [7] }]
    for (const request of others) expect(strangerIn(request as never)).toMatch(/^(peer|http)$/)
  })
})

describe('a trigger', () => {
  const settings = resolveOptions({ logger }, {})
  const request = (url: unknown, headers?: unknown) => ({ url, headers }) as IncomingRequest

  test.each([
    ['/?profile=1', {}, 'query', null],
    ['/?profile', undefined, 'query', null],
    ['/?a&profile=true&b', {}, 'query', null],
    ['/?profile=html', {}, 'query', 'html'],
    ['/', { 'x-profile': '' }, 'header', null],
    ['/', { 'x-profile': 'true' }, 'header', null],
    ['/?profile=1', { 'x-profile': 'html' }, 'header', 'html'],
    ['/?profile=html', { 'x-profile': '1' }, 'query', 'html'],
    ['/?profile=dump', {}, 'query', 'dump'],
    ['/?profile=html', { 'x-profile': 'dump' }, 'header', 'dump'],
  ])('%s %o', (url, headers, trigger, body) => {
    expect(findTrigger(request(url, headers), settings)).toBe(trigger)
    expect(bodyAskedBy(request(url, headers), settings)).toBe(body)
  })

  test.each<[unknown, unknown]>([
    [undefined, undefined],
    [7, {}],
    [{}, null],
    ['/profile', {}],
    ['/?profiles', {}],
    ['/?profile=HTML', { 'x-profile': 'HTML' }],
    ['/?profile=1%00', { 'x-profile': ['1'] }],
    ['/?profile=1;profile=1', { 'x-profile': 1 }],
    ['/?profile%5B0%5D=1&profile', { 'x-profile': true }],
    ['?%', { 'x-profile': null }],
  ])('is none: %s %o', (url, headers) => {
    expect(findTrigger(request(url, headers), settings)).toBe(null)
  })
})

describe('authorize', () => {
  const ask = (authorize: unknown) => {
    const options = { logger, authorize } as ProfilerOptions<never>
    return mayProfile(requestOf(), 'header', resolveOptions(options, {}))
  }

  test('that never settles is no, after a while, and a late answer changes nothing', async () => {
    vi.useFakeTimers()
    try {
      let answer: (value: boolean) => void = () => {}
      const asked = ask(
        () =>
          new Promise((resolve) => {
            answer = resolve
          }),
      )
      const settled = vi.fn()
      void (asked as Promise<boolean>).then(settled)
      await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1)
      expect(settled).not.toHaveBeenCalled()
      // The loop has one more look.
      await vi.advanceTimersByTimeAsync(2)
      expect(settled).toHaveBeenCalledWith(false)
      answer(true)
      await vi.advanceTimersByTimeAsync(1)
      expect(settled).toHaveBeenCalledTimes(1)
    } finally {
      vi.useRealTimers()
    }
  })

  test('that answers in time leaves no timer', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    expect(await ask(() => sleep(1, true))).toBe(true)
    const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    expect(after).toBe(before)
  })

  test.each([
    ['an object', { allowed: true }],
    ['a function', () => true],
  ])('that gives %s is no', async (_name, answer) => {
    expect(await ask(() => answer)).toBe(false)
  })
})
