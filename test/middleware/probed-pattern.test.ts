import { describe, expect, test } from 'vitest'
import { type Matcher, patternOfProbes } from '../../src/middleware/probed-pattern.js'
import { express5 } from '../support/app.js'

/** As Express 5 makes them of a text. */
function ofText(path: string, caseSensitive = false): Matcher {
  const router = express5.Router({ caseSensitive }).use(path, () => {})
  const [layer] = router.stack as unknown as { matchers: Matcher[] }[]
  return layer!.matchers[0]!
}

/** And of a regular expression, where its code has been minified. */
function ofRegExp(regexp: RegExp): Matcher {
  return (path) => {
    const found = regexp.exec(path)
    if (found === null) return false
    const groups = { ...found.groups }
    found.slice(1).forEach((value, i) => {
      if (!Object.values(groups).includes(value)) groups[i] = value
    })
    return { path: found[0], params: groups }
  }
}

describe('a pattern that only its matcher knows', () => {
  test.each([
    ['/users', '/users/7', '/users'],
    ['/users', '/UsErS/7', '/users'],
    ['/Users/:id', '/uSERS/SeCret', '/users/:id'],
    ['/v1/:tenant/files/*rest', '/V1/SeCret/FILES/a/B', '/v1/:tenant/files/*rest'],
    ['/:from-:to', '/2024-SeCret', '/:from-:to'],
    ['/:from-:to', '/a-b-SeCret', '/:from-:to'],
    ['/a.b_c~d', '/A.b_C~d', '/a.b_c~d'],
    ['/caf%C3%A9', '/CAF%c3%a9', '/caf%c3%a9'],
  ])('%s for %s is %s', (path, asked, pattern) => {
    const matcher = ofText(path)
    expect(patternOfProbes(matcher, asked)).toBe(pattern)
    expect(patternOfProbes(matcher, asked)).toBe(pattern)
  })

  test('where the letter case matters, it is the app’s', () => {
    expect(patternOfProbes(ofText('/Users/:id', true), '/Users/SeCret')).toBe('/Users/:id')
  })

  test.each([
    [/^\/re-\w+/, '/re-secret'],
    [/^\/[0-9a-f]{12}/, '/ffffffffffff'],
    [/^\/[A-F]+/i, '/AFFA'],
    [/^\/[^/]+/, '/---'],
    [/^\/\d{4}-\d{2}/, '/2026-11'],
    [/^\/%[0-9A-F]{2}/, '/%41'],
    [/^\/(?<kind>a|b)\/\w+/, '/a/secret'],
  ])('%s, whatever its matcher is called, does not show what it has matched', (regexp, asked) => {
    const matcher = ofRegExp(regexp)
    expect(patternOfProbes(matcher, asked)).toBe(null)
    expect(patternOfProbes(matcher, asked)).toBe(null)
  })

  test('what a regular expression has in its groups is a parameter', () => {
    expect(patternOfProbes(ofRegExp(/^\/re-(?<name>\w+)/), '/re-secret')).toBe('/re-:name')
  })
})
