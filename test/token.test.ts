import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readToken, secretsIn, signToken } from '../src/token.js'

const SECRET = 'a secret of more than 32 characters'
const OTHER = 'another secret that is long enough'
const REQUEST = { method: 'GET', path: '/users/7' }
const NOW = 1_795_750_000_000
const NONCE = 'AAECAwQFBgcICQoLDA0ODw'
const TOKEN = signToken(SECRET, REQUEST, NOW + 60_000, NONCE)

const read = (text: string, changes: Partial<typeof REQUEST> = {}, now = NOW, by = [SECRET]) =>
  readToken(text, by, { ...REQUEST, ...changes }, now)

describe('a token', () => {
  test('is what the comment says, so that anybody can make one', () => {
    const lines = ['v1', 'GET', '/users/7', String(NOW + 60_000), NONCE]
    const mac = createHmac('sha256', SECRET).update(lines.join('\n')).digest('base64url')
    expect(TOKEN).toBe(`v1.${NOW + 60_000}.${NONCE}.${mac}`)
    expect(read(TOKEN)).toEqual({ nonce: NONCE, expiry: NOW + 60_000 })
  })

  test('has a nonce of its own each time', () => {
    const tokens = Array.from({ length: 100 }, () => signToken(SECRET, REQUEST, NOW))
    expect(new Set(tokens.map((token) => token.split('.')[2])).size).toBe(100)
    expect(read(signToken(SECRET, REQUEST, NOW + 1))).toMatchObject({ expiry: NOW + 1 })
  })

  test.each([
    ['another method', { method: 'POST' }],
    ['the method in small letters', { method: 'get' }],
    ['HEAD, which Express answers like GET', { method: 'HEAD' }],
    ['another path', { path: '/users/8' }],
    ['a longer path', { path: '/users/7/' }],
    ['the same path, encoded', { path: '/users/%37' }],
    ['the same path with dots', { path: '/users/./7' }],
    ['another case', { path: '/Users/7' }],
    ['a path that moves the border between fields', { method: 'GET\n/users/7', path: '' }],
  ])('is not for %s', (_name, changes) => {
    expect(read(TOKEN, changes)).toBe('signature')
  })

  test('is good until it expires, by the clock of who reads it', () => {
    expect(read(TOKEN, {}, NOW + 59_999)).toMatchObject({ nonce: NONCE })
    expect(read(TOKEN, {}, NOW + 60_000)).toBe('expired')
    expect(read(TOKEN, {}, NOW + 1e9)).toBe('expired')
  })

  test('lives for five minutes, and half a minute more where the clocks differ', () => {
    const late = signToken(SECRET, REQUEST, NOW + 330_000, NONCE)
    expect(read(late)).toMatchObject({ nonce: NONCE })
    expect(read(late, {}, NOW - 1)).toBe('lifetime')
    expect(read(signToken(SECRET, REQUEST, 9_999_999_999_999, NONCE))).toBe('lifetime')
  })

  test('of either of two secrets is good while they are being exchanged', () => {
    expect(read(TOKEN, {}, NOW, [OTHER, SECRET])).toMatchObject({ nonce: NONCE })
    expect(read(TOKEN, {}, NOW, [SECRET, OTHER])).toMatchObject({ nonce: NONCE })
    expect(read(TOKEN, {}, NOW, [OTHER])).toBe('signature')
    expect(read(TOKEN, {}, NOW, [])).toBe('signature')
  })
})

describe('what is not a token', () => {
  test.each([
    ['nothing', ''],
    ['a plain trigger', '1'],
    ['another version', TOKEN.replace('v1', 'v2')],
    ['a field less', TOKEN.split('.').slice(0, 3).join('.')],
    ['a field more', `${TOKEN}.x`],
    ['another order', TOKEN.split('.').reverse().join('.')],
    ['blanks around it', ` ${TOKEN}`],
    ['a line break behind it', `${TOKEN}\n`],
    ['two, as Node joins them', `${TOKEN}, ${TOKEN}`],
    ['seconds', `v1.${Math.floor(NOW / 1000)}.${NONCE}.${TOKEN.split('.')[3]}`],
    ['an expiry in other digits', TOKEN.replace(/\d{13}/, '0x123456789ab')],
    ['an expiry with a sign', TOKEN.replace(/\.\d/, '.-')],
    ['base64 for base64url', `${TOKEN.slice(0, -2)}+/`],
    ['other letters', TOKEN.slice(0, -1).concat('ä')],
    ['16 KB', 'x'.repeat(16_384)],
    ['16 KB that begin well', TOKEN + 'x'.repeat(16_384)],
    ['a NUL', TOKEN.replace(NONCE, `${NONCE.slice(1)}\0`)],
  ])('%s', (_name, text) => {
    expect(read(text)).toBe('form')
  })

  test('any one character changed', () => {
    // Base64url says the same bytes in several ways: none but the one that was made is good.
    for (let at = 0; at < TOKEN.length; at++) {
      for (const other of '09AZaz-_.') {
        if (other === TOKEN[at]) continue
        const changed = TOKEN.slice(0, at) + other + TOKEN.slice(at + 1)
        expect([changed, typeof read(changed)]).toEqual([changed, 'string'])
      }
    }
  })

  test('any one bit changed', () => {
    fc.assert(
      fc.property(fc.nat(TOKEN.length - 1), fc.nat(7), (at, bit) => {
        const bytes = Buffer.from(TOKEN, 'latin1')
        bytes[at]! ^= 1 << bit
        expect(typeof read(bytes.toString('latin1'))).toBe('string')
      }),
    )
  })

  test('anything at all: nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary', size: 'large' })), (text) => {
        expect(read(text)).toBe('form')
      }),
    )
  })
})

test.each<[string, readonly string[] | null]>([
  [SECRET, [SECRET]],
  [`${SECRET},${OTHER}`, [SECRET, OTHER]],
  [` ${SECRET} , ${OTHER}\n`, [SECRET, OTHER]],
  ['é'.repeat(16), ['é'.repeat(16)]],
  ['x'.repeat(31), null],
  [`${SECRET},${'x'.repeat(31)}`, null],
  [`${SECRET},`, null],
  [`,${SECRET}`, null],
  [`${SECRET},${OTHER},${SECRET}`, null],
  [' '.repeat(40), null],
  ['', null],
])('secrets in %j', (text, secrets) => {
  expect(secretsIn(text)).toEqual(secrets)
})
