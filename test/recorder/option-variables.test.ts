/** What the environment sets of the options, for apps of which no line is changed. */
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/recorder/resolve-options.js'

test('the environment fills in what the options leave out', () => {
  const env = {
    PROFVIEW: '0.5',
    PROFVIEW_DIR: '/env',
    PROFVIEW_INTERVAL: '20',
    PROFVIEW_ARM: 'trigger',
    PROFVIEW_SLOW: '500',
    PROFVIEW_SECRET: `${'e'.repeat(32)}, ${'f'.repeat(32)}`,
    PROFVIEW_LABELS: 'version=1.2.3, region = eu=1,x.y-z=',
    PROFVIEW_HEADER: 'X-Why',
    PROFVIEW_QUERY: 'why',
    PROFVIEW_AWAITS: ' No',
    PROFVIEW_REQUEST_START: 'X-Request-Start',
    PROFVIEW_LIMITS: 'files=20, bytes = 1e8,durationMs=5000',
    PROFVIEW_ROUTES: '/users/:id, /files/*',
    NODE_ENV: 'production',
  }
  expect(resolveOptions({}, env)).toMatchObject({
    mode: 0.5,
    dir: '/env',
    intervalMs: 20,
    arm: 'trigger',
    slowMs: 500,
    secret: ['e'.repeat(32), 'f'.repeat(32)],
    labelsOfAll: { version: '1.2.3', region: 'eu=1', 'x.y-z': '' },
    header: 'x-why',
    query: 'why',
    awaits: false,
    requestStart: 'x-request-start',
    limits: { concurrent: 100, perMinute: 1000, durationMs: 5000, files: 20, bytes: 1e8 },
    routes: [{ pattern: '/users/:id' }, { pattern: '/files/*' }],
    production: true,
  })
  const options = {
    mode: 'all',
    dir: '/opt',
    interval: 2,
    slow: 9,
    secret: 's'.repeat(32),
    header: 'x-opt',
    awaits: true,
    limits: { files: 3 },
    routes: ['/a'],
  } as const
  expect(resolveOptions(options, env)).toMatchObject({
    mode: 'all',
    dir: '/opt',
    intervalMs: 2,
    slowMs: 9,
    secret: ['s'.repeat(32)],
    header: 'x-opt',
    awaits: true,
    limits: { files: 3, bytes: 1e8 },
    routes: [{ pattern: '/a' }],
  })
})

test('each bad value of the environment is named once, and ignored', () => {
  const warnings: string[] = []
  const settings = resolveOptions(
    { logger: { info: () => {}, warn: (message) => warnings.push(message) } },
    { PROFVIEW_INTERVAL: '-1', PROFVIEW_ARM: 'x', PROFVIEW_DIR: '' },
  )
  expect(warnings).toEqual([
    'profview: PROFVIEW_INTERVAL=-1 is not understood and ignored: ' +
      'it must be a number above 0, without a unit',
    'profview: PROFVIEW_ARM=x is not understood and ignored: it must be start or trigger',
  ])
  expect(settings).toMatchObject({ mode: 'trigger', intervalMs: 1, arm: 'start' })
})

test.each([
  ['PROFVIEW_HEADER', 'a b', 'a name of letters, digits, - and _'],
  ['PROFVIEW_AWAITS', 'maybe', 'true or false'],
  ['PROFVIEW_LIMITS', 'files', expect.stringMatching(/^numbers .* of files, .* as files=100$/)],
  ['PROFVIEW_LIMITS', 'files=0', expect.stringContaining('above 0')],
  ['PROFVIEW_LIMITS', 'files=1=2', expect.stringContaining('above 0')],
  ['PROFVIEW_LIMITS', 'constructor=1', expect.stringContaining('above 0')],
  ['PROFVIEW_ROUTES', '/a/:b,users', 'paths such as /users/:id and /files/*, by commas'],
])('%s=%s is ignored, and what it must be is said', (name, value, meant) => {
  const warnings: string[] = []
  const logger = { info: () => {}, warn: (message: string) => void warnings.push(message) }
  const settings = resolveOptions({ logger }, { [name]: value })
  expect(settings).toEqual({ ...resolveOptions({}, {}), logger: expect.anything() })
  expect(warnings.map((text) => text.split(/ is not understood and ignored: it must be /))).toEqual(
    [[`profview: ${name}=${value}`, meant]],
  )
})
