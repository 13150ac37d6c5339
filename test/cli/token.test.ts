import { describe, expect, test } from 'vitest'
import { readToken } from '../../src/token.js'
import { profview } from '../support/cli.js'

const SECRET = 'a secret of more than 32 characters'
const OTHER = 'another secret that is long enough'

function token(args: readonly string[], secret: string | null = SECRET) {
  return profview(['token', ...args], { env: secret === null ? {} : { PROFVIEW_SECRET: secret } })
}

describe('token', () => {
  test('prints a signed trigger and nothing else', () => {
    const before = Date.now()
    const { code, out, err } = token(['--method', 'GET', '--path', '/x', '--ttl', '60s'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^v1\.\d{13}\.[\w-]{22}\.[\w-]{43}\n$/)
    const read = readToken(out.trim(), [SECRET], { method: 'GET', path: '/x' })
    if (typeof read === 'string') throw new Error(read)
    expect(read.expiry).toBeGreaterThanOrEqual(before + 60_000)
    expect(read.expiry).toBeLessThanOrEqual(Date.now() + 60_000)
  })

  test('is of GET and of a minute where nothing else is said', () => {
    const before = Date.now()
    const text = token(['--path', '/users/7']).out.trim()
    const read = readToken(text, [SECRET], { method: 'GET', path: '/users/7' })
    if (typeof read === 'string') throw new Error(read)
    expect(read.expiry - before).toBeGreaterThanOrEqual(60_000)
  })

  test('takes a method as people write it', () => {
    const text = token(['--method', 'post', '--path', '/x']).out.trim()
    expect(readToken(text, [SECRET], { method: 'POST', path: '/x' })).toHaveProperty('nonce')
  })

  test('signs with the first of two secrets', () => {
    const text = token(['--path', '/x'], `${OTHER}, ${SECRET}`).out.trim()
    const request = { method: 'GET', path: '/x' }
    expect(readToken(text, [OTHER], request)).toHaveProperty('nonce')
    expect(readToken(text, [SECRET], request)).toBe('signature')
  })

  test.each([
    ['not set', null],
    ['empty', ''],
    ['too short', 'short'],
    ['one good and one empty', `${SECRET},`],
  ])('refuses a secret that is %s, and does not repeat it', (_name, secret) => {
    const { code, out, err } = token(['--path', '/x'], secret)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^profview: PROFVIEW_SECRET .*\n$/)
    if (secret !== null && secret.length > 0) expect(err).not.toContain(secret)
  })

  test.each([
    [[], "required option '--path <path>'"],
    [['--path', 'users'], 'Not a path'],
    [['--path', '/x?a=1'], 'Not a path'],
    [['--path', 'https://host/x'], 'Not a path'],
    [['--path', '/ü'], 'Not a path'],
    [['--path', '/x', '--ttl', '0s'], '5m at most'],
    [['--path', '/x', '--ttl', '301s'], '5m at most'],
    [['--path', '/x', '--ttl', '1h'], '5m at most'],
    [['--path', '/x', '--ttl', 'soon'], 'Not a time'],
    [['--path', '/x', '--method', 'GE T'], 'Not a method'],
    [['--path', '/x', '--secret', SECRET], "unknown option '--secret'"],
    [['--path', '/x', 'more'], 'too many arguments'],
  ])('%j is bad usage', (args, message) => {
    const { code, out, err } = token(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
    expect(err.trimEnd()).not.toContain('\n')
  })
})
