import { expect, test } from 'vitest'
import type { Selection } from '../../src/viewer-api/wire.js'
import { type Place, readPlace, writePlace } from '../../viewer/src/place.js'

const SELECTIONS: readonly Selection[] = [
  { by: 'all' },
  { by: 'ids', ids: ['abc_-123', 'x'] },
  { by: 'route', route: 'GET /users/:id?&=#%,+ü' },
  { by: 'worker', worker: '3' },
]

test.each(SELECTIONS)('a link to $by leads back to it', (selection) => {
  const settings = { q: 'a&b=c #%', unit: 'percent', __proto__x: '1' }
  const place: Place = { view: 'tree', selection, settings }
  expect(readPlace(writePlace(place))).toEqual(place)
})

test('what has its default value is not in the address', () => {
  expect(writePlace({ view: 'requests', selection: null, settings: { q: '' } })).toBe('#/requests')
})

test.each(['', '#', '#/', '#/nowhere', '#/tree', '#/tree?ids=a&route=b', '#/flame?q=1', '#%'])(
  'the address "%s" is the list',
  (hash) => {
    expect(readPlace(hash)).toMatchObject({ view: 'requests', selection: null })
  },
)

test('__proto__ in an address is a setting like any other', () => {
  const { settings } = readPlace('#/tree?all&__proto__=x')
  expect(Object.getPrototypeOf(settings)).toBe(Object.prototype)
  expect(Object.keys(settings)).toEqual(['__proto__'])
})
