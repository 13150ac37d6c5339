/** Whatever requests and options are made of: no trigger by chance, no exception. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayProfile } from '../../src/recorder/gate/gate.js'
import { strangerIn } from '../../src/recorder/gate/same-machine.js'
import { findTrigger } from '../../src/recorder/gate/trigger.js'
import type { ProfilerOptions } from '../../src/recorder/options.js'
import type { IncomingRequest } from '../../src/recorder/request.js'
import { resolveOptions } from '../../src/recorder/resolve-options.js'

const RUNS = { numRuns: 500, seed: 12 }
const logger = { info: () => {}, warn: () => {} }
const open = resolveOptions({ logger }, {})
const closed = [
  resolveOptions({ logger }, { NODE_ENV: 'production' }),
  resolveOptions({ logger }, { PROFVIEW_SECRET: '' }),
  resolveOptions({ logger, authorize: () => false }, {}),
]

const TRIGGER_VALUES = ['1', 'true', '', 'html']
const word = fc.oneof(
  fc.constantFrom('profile', 'profile[]', '%70rofile', 'profiles', '1', 'true', 'html', '=', '&'),
  fc.constantFrom('?', '#', '%', '%00', '[', ';', '+', '/', 'v1.1.a.b'),
  fc.string({ maxLength: 6 }),
)
const url = fc.array(word, { maxLength: 12 }).map((words) => `/${words.join('')}`)
const anything = fc.anything({
  withBigInt: true,
  withSymbol: true,
  withNullPrototype: true,
} as never)

test('a query triggers only by exactly one parameter of that name', () => {
  fc.assert(
    fc.property(url, (url) => {
      const trigger = findTrigger({ url, headers: {} } as unknown as IncomingRequest, open)
      if (trigger === null) return
      expect(trigger).toBe('query')
      // As any parser of queries has it.
      const query = url.slice(url.indexOf('?') + 1).split('#', 1)[0]!
      const about = [...new URLSearchParams(query)].filter(([name]) => /^profile(\[|$)/.test(name))
      expect(about).toHaveLength(1)
      expect(TRIGGER_VALUES).toContain(about[0]![1])
    }),
    RUNS,
  )
})

test('a request of any shape throws nothing, and opens nothing that is closed', () => {
  const field = fc.oneof(anything, url, fc.constantFrom('127.0.0.1', '1.1', '2.0', 'localhost'))
  const headers = fc.oneof(
    anything,
    fc.dictionary(fc.constantFrom('x-profile', 'host', 'origin', 'sec-fetch-site'), field),
  )
  const request = fc.record(
    { url: field, originalUrl: field, httpVersion: field, headers, rawHeaders: anything },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(
      request,
      fc.oneof(anything, fc.constant({ remoteAddress: '::1' })),
      (made, socket) => {
        const request = { ...made, socket } as unknown as IncomingRequest
        findTrigger(request, open)
        strangerIn(request)
        for (const settings of closed) {
          expect(mayProfile(request, 'query', settings)).toBe(false)
          expect(mayProfile(request, 'header', settings)).toBe(false)
        }
      },
    ),
    RUNS,
  )
})

test('one header of a proxy is enough, whatever else there is', () => {
  const NAMES = ['forwarded', 'via', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip']
  const name = fc.oneof(
    fc.constantFrom(...NAMES),
    fc.stringMatching(/^[a-z]{1,8}$/).map((end) => `x-forwarded-${end}`),
    fc.stringMatching(/^[a-z]{1,8}$/).map((start) => `x-${start}-client-ip`),
  )
  const others = fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), fc.string(), { maxKeys: 5 })
  fc.assert(
    fc.property(name, fc.string(), others, (name, value, others) => {
      const request = {
        ...{ url: '/?profile', httpVersion: '1.1', socket: { remoteAddress: '127.0.0.1' } },
        ...{ headers: { ...others, [name]: value }, rawHeaders: ['host', 'localhost'] },
      }
      expect(strangerIn(request as unknown as IncomingRequest)).toBe('proxy')
    }),
    RUNS,
  )
})

test('options are refused by name, or give settings within their bounds', () => {
  const KNOWN = ['dir', 'mode', 'header', 'query', 'interval', 'awaits', 'slow', 'arm', 'secret']
  const OTHERS = ['requestStart', 'authorize', 'limits', 'routes', 'route', 'labels', 'redact']
  const numbers = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(0, -0, NaN, Infinity, 2 ** 53),
  )
  const value = fc.oneof(anything, numbers, numbers.map(String), fc.constantFrom('off', 'ON ', '1'))
  const limits = fc.dictionary(fc.constantFrom('concurrent', 'durationMs', 'files', 'x'), value)
  const given = fc.dictionary(fc.constantFrom(...KNOWN, ...OTHERS, 'x', '__proto__'), value)
  const options = fc.tuple(given, fc.option(limits)).map(([given, limits]) => {
    return limits === null ? given : { ...given, limits }
  })
  fc.assert(
    fc.property(options, (options) => {
      try {
        const settings = resolveOptions(options as ProfilerOptions<never>, {})
        expect(settings.intervalMs).toBeGreaterThanOrEqual(0.2)
        expect(settings.intervalMs).toBeLessThanOrEqual(100)
        expect(settings.limits.durationMs).toBeLessThan(2 ** 31)
        expect(settings.limits.concurrent).toBeGreaterThan(0)
        expect(settings.dir).toMatch(/^(\/|[A-Z]:\\|\\\\)/i)
        expect(settings.header).toMatch(/^[\w-]+$/)
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_OPTION', path: expect.any(String) })
      }
    }),
    RUNS,
  )
})

test('of PROFVIEW, what is not understood is off', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
      const { mode } = resolveOptions({ logger, mode: 'all' }, { PROFVIEW: text })
      const word = text.trim().toLowerCase()
      const isOn = /^(|all|process|trigger|on|true|yes|[+-]?[\d.]+(e[+-]?\d+)?)$/.test(word)
      if (!isOn) expect(mode).toBe('off')
    }),
    RUNS,
  )
})
