/** Triggers that nobody may honour, by the thousand: no answer differs, and nothing is touched. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signToken } from '../../src/token.js'
import { runScript, temporaryDir } from '../support/app.js'

const SECRET = 'a secret of at least thirty-two bytes'
const SEED = 12
const EACH = 2500
/** On each connection. */
const AT_ONCE = 20

/** Texts that a header or an address can carry. */
const ANY_TEXT = fc
  .array(fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), {
    maxLength: 60,
  })
  .map((codes) => String.fromCharCode(...codes).replaceAll('#', ''))
const LONG_TEXT = fc.integer({ min: 1000, max: 6000 }).map((length) => 'v1.'.repeat(length / 3))

/** A token of this secret, with something wrong about it. */
const FORGED = fc
  .tuple(fc.nat(200), fc.constantFrom('', 'A', '.', '=', '\u00ff', '0'), fc.nat(5))
  .map(([at, text, kind]) => {
    const now = Date.now()
    const path = kind === 0 ? '/other' : '/'
    const method = kind === 1 ? 'POST' : 'GET'
    const expiry = kind === 2 ? now - 60_000 : kind === 3 ? now + 1e9 : now + 60_000
    const secret = kind < 4 ? SECRET : `${SECRET}!`
    const token = signToken(secret, { method, path }, expiry)
    return kind === 5 ? `${token.slice(0, at % token.length)}${text}` : token
  })

const VALID = fc.constantFrom('1', 'true', 'html')
const ODD = fc.constantFrom(
  ...['0', '2', '11', '1,1', 'yes', 'on', 'HTML', 'True', 'null', '%31', '__proto__', '{"a":1}'],
  ...['v1', 'v1.', 'v1...', 'v2.1.a.b', '../../etc/passwd', '<script>', "1'--", '$(1)'],
)
const NO_VALUE = fc
  .oneof({ weight: 4, arbitrary: ANY_TEXT }, { weight: 4, arbitrary: ODD }, LONG_TEXT)
  .filter((text) => !['', '1', 'true', 'html'].includes(text))
const ANY_VALUE = fc.oneof(NO_VALUE, VALID, FORGED)

const LINE = (address: string, ...headers: string[]) =>
  [`GET ${address} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')
const inHeader = (value: string) => LINE('/', `X-Profile: ${value}`)
/** Node refuses other characters in an address itself. */
const inQuery = (value: string) => LINE(`/?profile=${value.replaceAll(/[^!-%'-~]/g, '') || 0}`)
const asIs = (values: fc.Arbitrary<string>) =>
  fc.tuple(values, fc.constantFrom(inHeader, inQuery)).map(([value, make]) => make(value))

/** What would be a trigger, but for where it comes from, or how often it is said. */
const STRANGER = fc
  .constantFrom(
    ...['forwarded: for=1', 'x-forwarded-for: 1', 'x-real-ip: 1', 'via: 1.1 p', 'cf-ray: 1'],
    ...['sec-fetch-site: cross-site', 'origin: null', 'origin: http://evil.example', 'host: b'],
  )
  .map((header) => LINE('/?profile=1', 'X-Profile: 1', header))
const REPEATED = fc
  .constantFrom('profile=1&profile=1', 'profile=1&profile[]=1', 'profile=1&%70rofile=0')
  .map((query) => LINE(`/?${query}`))

const MOUNTS: Readonly<Record<string, [options: string, requests: fc.Arbitrary<string>]>> = {
  'in development': ['', fc.oneof(asIs(NO_VALUE), STRANGER, REPEATED)],
  'in production': ['', asIs(ANY_VALUE)],
  'with a secret': [`secret: ${JSON.stringify(SECRET)}`, asIs(ANY_VALUE)],
  'with an authorize that says no': ['authorize: async () => false', asIs(ANY_VALUE)],
}

test.each(Object.entries(MOUNTS))(
  '2,500 hostile triggers, %s: no other answer, no profile, no call of the system',
  async (name, [options, requests]) => {
    const dir = temporaryDir()
    const [calls, texts] = [join(dir, 'calls'), join(dir, 'texts')]
    const all = fc.sample(requests, { numRuns: EACH, seed: SEED })
    writeFileSync(texts, JSON.stringify(all))
    const ended = await runScript(appOf(texts, calls, join(dir, 'profiles'), options), {
      flags: ['--import', './test/soak/inject.mjs'],
      env: { CALLS: calls, ...(name === 'in production' ? { NODE_ENV: 'production' } : {}) },
    })
    expect(ended).toMatchObject({ code: 0, err: '' })
    const { profiled, others, called, honoured } = JSON.parse(ended.out)
    expect(others).toEqual([])
    expect(profiled).toBe(0)
    expect(called.filter((call: string) => !call.includes('crypto.'))).toEqual([])
    // Where one is honoured, that is seen.
    expect(honoured).toBe(name === 'in development')
  },
)

// --- internal ---

/** Prints what came of the requests; honours one trigger after that, in development. */
function appOf(texts: string, calls: string, dir: string, options: string): string {
  return `
    import { existsSync, readFileSync } from 'node:fs'
    import { createServer } from 'node:http'
    import { connect } from 'node:net'
    import { profiler } from 'profview'
    const use = profiler({
      dir: ${JSON.stringify(dir)}, arm: 'trigger', logger: { info() {}, warn() {} }, ${options}
    })
    const server = createServer((request, response) => {
      response.sendDate = false
      use(request, response, () => response.end('x'))
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const ask = (texts) => new Promise((resolve) => {
      const socket = connect(server.address().port, '127.0.0.1')
      let received = ''
      socket.setEncoding('latin1').on('data', (text) => { received += text })
      socket.on('close', () => resolve(received))
      socket.end(texts.join(''), 'latin1')
    })
    const plain = await ask(['GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'])
    const calls = ${JSON.stringify(calls)}
    const read = () => existsSync(calls) ? readFileSync(calls, 'utf8') : ''
    const before = read()
    const all = JSON.parse(readFileSync(${JSON.stringify(texts)}, 'utf8'))
    const others = []
    for (let i = 0; i < all.length; i += ${AT_ONCE}) {
      const texts = all.slice(i, i + ${AT_ONCE})
      const received = await ask(texts)
      if (received === plain.repeat(texts.length)) continue
      for (const text of texts) {
        const answer = await ask([text])
        if (answer !== plain) others.push([text.slice(0, 200), answer.slice(0, 200)])
      }
    }
    const called = read().slice(before.length).split('\\n').slice(0, -1)
    const { profiled } = use.counts
    await ask(['GET / HTTP/1.1\\r\\nHost: localhost\\r\\nX-Profile: 1\\r\\n\\r\\n'])
    server.close()
    const honoured = read().includes('app native.start')
    const found = { profiled, honoured, others: others.slice(0, 5), called: [...new Set(called)] }
    console.log(JSON.stringify(found))
  `
}
