import { expect, test } from 'vitest'
import type { Selection } from '../../src/viewer-api/wire.js'
import {
  otherView,
  type PageLocation,
  readLocation,
  type Target,
  writeLocation,
} from '../../viewer/src/page-location.js'

const SELECTIONS: readonly Selection[] = [
  { by: 'all' },
  { by: 'ids', ids: ['abc_-123', 'x'] },
  { by: 'route', route: 'GET /users/:id?&=#%,+ü' },
  { by: 'worker', worker: '3' },
]

test.each(SELECTIONS)('a link to $by leads back to it', (selection) => {
  const target: Target = { view: 'tree', selection, settings: { q: 'a&b=c #%', unit: 'percent' } }
  expect(readLocation(writeLocation(target))).toMatchObject(target)
})

/** Links that are about, and what they say that is not so by itself. */
const LINKS: readonly (readonly [link: string, settings: object])[] = [
  ['#/requests', {}],
  ['#/requests?group=route', { group: 'route' }],
  ['#/requests?sort=-duration', { sort: '-duration' }],
  ['#/requests?sort=-time', { sort: '-time' }],
  ['#/requests?q=users%20404&picked=abc_-123.x', { q: 'users 404', picked: ['abc_-123', 'x'] }],
  ['#/tree?ids=abc', {}],
  ['#/tree?route=GET%20%2Freport', {}],
  ['#/tree?all&open=all&fold=off', { open: 'all', foldLibraries: false }],
  ['#/tree?all&fold=off&open=all', { open: 'all', foldLibraries: false }],
  ['#/tree?all&q=window.hit', { q: 'window.hit' }],
  ['#/tree?all&unit=percent&invert=on', { unit: 'percent', invert: true }],
  [
    '#/tree?all&min=0.05&hide=*%2Form%2F*%2C%20render*&show=x',
    { threshold: 0.05, hide: '*/orm/*, render*', show: 'x' },
  ],
  [
    '#/tree?all&at=12&x=12.-45.7*.-9~&groups=3.4',
    {
      at: 12,
      overrides: [
        { stack: 12, reach: 'node', open: true },
        { stack: 45, reach: 'node', open: false },
        { stack: 7, reach: 'subtree', open: true },
        { stack: 9, reach: 'callers', open: false },
      ],
      groups: [3, 4],
    },
  ],
  ['#/tree?all&range=1200-5600', { range: { from: 1200, to: 5600 } }],
  [
    '#/timeline?all&range=30000-60000&win=20000-90000&at=2-40000',
    {
      range: { from: 30000, to: 60000 },
      window: { from: 20000, to: 90000 },
      at: { row: 2, time: 40000 },
    },
  ],
  ['#/timeline?ids=abc&unit=percent', { unit: 'percent' }],
  [
    '#/functions?all&q=e&sort=-total&fn=k3x&at=9a',
    { q: 'e', sort: '-total', selected: 'k3x', at: '9a' },
  ],
  ['#/functions?all&sort=name&fold=off', { sort: 'name', foldLibraries: false }],
  ['#/compare?route=GET%20%2Fusers%2F%3Aid&with=halves', { with: 'halves' }],
  ['#/compare?route=a&with=ids%3Dabc&show=tree', { with: 'ids=abc', show: 'tree' }],
  ['#/flame?route=GET%20%2Forders%2F%3Aid%2Finvoice', {}],
]

test.each(LINKS)('%s says what it said, and is written as it was', (link, said) => {
  const { settings, ...here } = readLocation(link)
  const [bare] = link.split('&')
  const untouched = readLocation(here.view === 'requests' ? '#/requests' : bare!).settings
  expect(settings).toEqual({ ...untouched, ...said })
  expect(writeLocation({ ...here, settings } as PageLocation)).toBe(link)
})

test('what is not understood is as at first', () => {
  const links = [
    '#/tree?all&min=0.02&fold=maybe&unit=&open=x&at=1e3&groups=a.-1&x=1.-x.1e3&range=9-3&with=a',
    '#/timeline?all&range=a-b&win=5-5&at=3',
    '#/functions?all&fold=1&unit=PERCENT&sort=',
    '#/compare?all&show=rows&toString=1&constructor=2',
    '#/requests?group=host&__proto__=x&hasOwnProperty=y',
  ]
  for (const link of links) {
    const [bare] = link.split(/&|\?group/)
    const { settings } = readLocation(link)
    const atFirst = readLocation(bare!).settings
    // Of a list, the items that are understood stay.
    const overrides = [{ stack: 1, reach: 'node', open: true }]
    expect(settings).toEqual('overrides' in atFirst ? { ...atFirst, overrides } : atFirst)
    expect(Object.getPrototypeOf(settings)).toBe(Object.prototype)
  }
})

test('a version is read: this one holds, of a newer one the view and what is looked at', () => {
  const plain = '#/tree?route=GET%20%2Freport&unit=percent&at=7'
  const first = readLocation('#/tree?route=GET%20%2Freport&v=1&unit=percent&at=7')
  expect(first).toEqual(readLocation(plain))
  expect(writeLocation(first)).toBe(plain)
  for (const version of ['2', '', '1.5', 'x']) {
    const newer = readLocation(`#/tree?route=GET%20%2Freport&unit=percent&at=7&v=${version}`)
    expect(newer).toEqual(readLocation('#/tree?route=GET%20%2Freport'))
  }
  expect(readLocation('#/requests?group=route&v=2')).toEqual(readLocation('#/requests'))
})

test('what has its default value is not in the address', () => {
  const settings = { q: '', group: 'none', picked: [] } as const
  expect(writeLocation({ view: 'requests', selection: null, settings })).toBe('#/requests')
})

test('another view of the same: the range of time and the unit go along', () => {
  const here = readLocation('#/tree?all&q=a&unit=percent&at=3&range=1-2')
  expect(here.view).not.toBe('requests')
  if (here.view === 'requests') return
  expect(otherView(here, 'functions')).toBe('#/functions?all&unit=percent&range=1-2')
})

test('the same text is the same value, so that nothing is worked out again', () => {
  const read = () => readLocation('#/tree?all&groups=3.4&x=5&range=1-2').settings
  const [one, other] = [read(), read()] as Readonly<Record<string, unknown>>[]
  for (const name of ['groups', 'overrides', 'range']) expect(one![name]).toBe(other![name])
})

test.each(['', '#', '#/', '#/nowhere', '#/tree', '#/tree?ids=a&route=b', '#/flame?q=1', '#%'])(
  'the address "%s" is the list',
  (hash) => {
    expect(readLocation(hash)).toEqual(readLocation('#/requests'))
  },
)
