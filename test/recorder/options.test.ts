import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { resolveOptions } from '../../src/recorder/resolve-options.js'

const logger = { info: () => {}, warn: () => {} }

function failureOf(options: unknown): { code?: string; path?: string; message?: string } {
  try {
    resolveOptions(options as ProfilerOptions<never>, {})
  } catch (error) {
    const { code, path, message } = error as { code: string; path: string; message: string }
    return { code, path, message }
  }
  return {}
}

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

describe('an option that cannot be right throws BAD_OPTION and is named', () => {
  test.each<[string, unknown]>([
    ['dir', { dir: '' }],
    ['dir', { dir: 7 }],
    ['dir', { dir: null }],
    ['dir', { dir: 'a\0b' }],
    ['mode', { mode: 'sometimes' }],
    ['mode', { mode: 2 }],
    ['mode', { mode: -0.5 }],
    ['mode', { mode: Number.NaN }],
    ['mode', { mode: {} }],
    ['mode', { mode: cyclic }],
    ['mode', { mode: Symbol('all') }],
    ['header', { header: '' }],
    ['header', { header: 'x profile' }],
    ['header', { header: 'x\r\ny' }],
    ['header', { header: 1 }],
    ['query', { query: 'a=b' }],
    ['query', { query: 'a&b' }],
    ['query', { query: ['profile'] }],
    ['interval', { interval: 0 }],
    ['interval', { interval: -1 }],
    ['interval', { interval: Number.NaN }],
    ['interval', { interval: '1ms' }],
    ['interval', { interval: 1n }],
    ['interval', { interval: {} }],
    ['awaits', { awaits: 'yes' }],
    ['arm', { arm: 'never' }],
    ['slow', { slow: 0 }],
    ['schedule', { schedule: '10m' }],
    ['schedule', { schedule: '10s/10m' }],
    ['schedule', { schedule: '10m/10s/1s' }],
    ['schedule', { schedule: '10/1' }],
    ['schedule', { schedule: 600 }],
    ['schedule', { schedule: '25d/10s' }],
    ['requestStart', { requestStart: true }],
    ['requestStart', { requestStart: 'x-request-start: t' }],
    ['secret', { secret: 5 }],
    ['secret', { secret: '' }],
    ['secret', { secret: 'x'.repeat(31) }],
    ['secret', { secret: `${'x'.repeat(32)},${'x'.repeat(31)}` }],
    ['authorize', { authorize: true }],
    ['routes', { routes: '/users/:id' }],
    ['routes', { routes: ['users'] }],
    ['route', { route: '/users/:id' }],
    ['metrics', { metrics: {} }],
    ['metrics', { metrics: null }],
    ['labels', { labels: {} }],
    ['redact', { redact: /x/ }],
    ['onProfile', { onProfile: 'x' }],
    ['logger', { logger: 5 }],
    ['logger', { logger: {} }],
    ['logger', { logger: null }],
    ['limits', { limits: 5 }],
    ['limits', { limits: null }],
    ['limits', { limits: [] }],
    ['limits.concurrent', { limits: { concurrent: 0 } }],
    ['limits.perMinute', { limits: { perMinute: -1 } }],
    ['limits.durationMs', { limits: { durationMs: 'long' } }],
    ['limits.files', { limits: { files: Number.NaN } }],
    ['limits.bytes', { limits: { bytes: null } }],
    ['limits.ageMs', { limits: { ageMs: {} } }],
    ['limits.age', { limits: { age: 1 } }],
    ['directory', { directory: 'x' }],
    ['__proto__', JSON.parse('{"__proto__":{"dir":"x"}}')],
  ])('%s: %o', (path, options) => {
    expect(failureOf(options)).toEqual({
      code: 'BAD_OPTION',
      path,
      message: expect.stringContaining(`option ${path}: `),
    })
  })

  test('and says what it may be', () => {
    expect(failureOf({ slow: '1s' }).message).toBe(
      "option slow: '1s' is not a valid value: it must be a number above 0, without a unit",
    )
  })

  test.each([[null], [5], ['x'], [[]]])('options that are %o', (options) => {
    expect(failureOf(options)).toEqual({
      code: 'BAD_OPTION',
      path: '',
      message: 'options: not an object',
    })
  })
})

test.each<[number | string, number]>([
  [1e-300, 0.2],
  [0.1, 0.2],
  [0.2, 0.2],
  [5, 5],
  [100, 100],
  [1e12, 100],
  [Number.POSITIVE_INFINITY, 100],
  [Number.MAX_VALUE, 100],
  ['1000', 100],
])('an interval of %s ms becomes %s ms', (interval, clamped) => {
  expect(resolveOptions({ interval, logger } as never, {}).intervalMs).toBe(clamped)
})

test.each<[unknown, unknown]>([
  [undefined, 'trigger'],
  ['on', 'trigger'],
  [true, 'trigger'],
  ['trigger', 'trigger'],
  ['off', 'off'],
  [false, 'off'],
  [0, 'off'],
  ['0', 'off'],
  ['all', 'all'],
  [1, 'all'],
  ['1', 'all'],
  [0.5, 0.5],
  ['0.01', 0.01],
  ['process', 'process'],
])('mode %o is %o', (mode, expected) => {
  expect(resolveOptions({ mode } as never, {}).mode).toBe(expected)
  if (typeof mode === 'string') expect(resolveOptions({}, { PROFVIEW: mode }).mode).toBe(expected)
})

test.each(
  ['0', 'off', 'false', 'no', 'none', 'disabled'].flatMap((word) => [
    word,
    word.toUpperCase(),
    ` ${word[0]!.toUpperCase()}${word.slice(1)}\t`,
  ]),
)('PROFVIEW=%j switches off, whatever the options say', (word) => {
  const warnings: string[] = []
  const quiet = { info: () => {}, warn: (message: string) => warnings.push(message) }
  expect(resolveOptions({ logger: quiet, mode: 'all' }, { PROFVIEW: word }).mode).toBe('off')
  expect(resolveOptions({ logger: quiet, mode: word as never }, {}).mode).toBe('off')
  expect(warnings).toEqual([])
})

test.each<[string, unknown]>([
  [' On ', 'trigger'],
  ['TRUE', 'trigger'],
  ['yes', 'trigger'],
  ['Trigger', 'trigger'],
  [' 1', 'all'],
  ['ALL', 'all'],
  ['1.0', 'all'],
  ['0.0', 'off'],
  ['-0', 'off'],
  [' .5 ', 0.5],
  ['1e-2', 0.01],
  ['Process', 'process'],
  ['', 'trigger'],
  [' ', 'trigger'],
])('PROFVIEW=%j is %o', (word, mode) => {
  expect(resolveOptions({ logger }, { PROFVIEW: word }).mode).toBe(mode)
})

test.each([
  ['loud', 'loud'],
  ['of', 'of'],
  ['1.5', '1.5'],
  ['-0.5', '-0.5'],
  ['50%', '50%'],
  ['0x0', '0x0'],
  ['NaN', 'NaN'],
  ['0,01', '0,01'],
  ['constructor', 'constructor'],
  ['a\nb\x1b[31m', 'a\\nb\\x1b[31m'],
])('PROFVIEW=%j may have meant off, so it is, and says so', (word, shown) => {
  const warnings: string[] = []
  const options = { logger: { info: () => {}, warn: (text: string) => warnings.push(text) } }
  expect(resolveOptions({ ...options, mode: 'all' }, { PROFVIEW: word }).mode).toBe('off')
  expect(warnings).toEqual([
    `profview: PROFVIEW=${shown} is not understood: profiling is off ` +
      '(trigger, all, a share such as 0.01, process or off)',
  ])
})

test('the directory is where it was at construction', () => {
  const dir = process.cwd()
  const there = tmpdir()
  onTestFinished(() => process.chdir(dir))
  const settings = [
    resolveOptions({ dir: 'a/../b' }, {}),
    resolveOptions({}, { PROFVIEW_DIR: 'c' }),
    resolveOptions({ dir: '/d' }, {}),
  ]
  process.chdir(there)
  expect(settings.map((one) => one.dir)).toEqual([join(dir, 'b'), join(dir, 'c'), resolve('/d')])
})

test('a variable that was meant to be a secret opens nothing', () => {
  const logger = { info: vi.fn(), warn: vi.fn() }
  for (const text of ['', 'too short', `${'x'.repeat(32)},`]) {
    expect(resolveOptions({ logger }, { PROFVIEW_SECRET: text }).secret).toEqual([])
  }
  expect(logger.warn).toHaveBeenCalledTimes(3)
  expect(logger.warn).toHaveBeenCalledWith(
    'profview: PROFVIEW_SECRET must be one secret, or two separated by a comma, of 32 bytes ' +
      'or more each: no trigger is honoured',
  )
  expect(resolveOptions({}, {}).secret).toBe(null)
})

test('all defaults', () => {
  expect(resolveOptions({}, {})).toEqual({
    dir: resolve('profiles'),
    mode: 'trigger',
    header: 'x-profile',
    query: 'profile',
    intervalMs: 1,
    awaits: null,
    slowMs: null,
    stallMs: null,
    schedule: null,
    requestStart: null,
    arm: 'start',
    secret: null,
    authorize: null,
    production: false,
    limits: {
      concurrent: 100,
      perMinute: 1000,
      durationMs: 60_000,
      files: expect.any(Number),
      bytes: expect.any(Number),
      ageMs: expect.any(Number),
    },
    routes: null,
    route: null,
    labels: null,
    labelsOfAll: {},
    redact: null,
    metrics: null,
    onProfile: null,
    logger: { info: expect.any(Function), warn: expect.any(Function) },
  })
})

test('in production there is a sample every 5 ms, unless somebody says otherwise', () => {
  const env = { NODE_ENV: 'production' }
  expect(resolveOptions({}, env).intervalMs).toBe(5)
  expect(resolveOptions({ interval: 1 }, env).intervalMs).toBe(1)
  expect(resolveOptions({}, { ...env, PROFVIEW_INTERVAL: '0.5' }).intervalMs).toBe(0.5)
  expect(resolveOptions({}, { NODE_ENV: 'development' }).intervalMs).toBe(1)
})

test('a logger that throws does not', () => {
  const fail = () => {
    throw new Error('of the app')
  }
  const settings = resolveOptions({ logger: { info: fail, warn: fail } }, { PROFVIEW: 'loud' })
  expect(() => settings.logger.warn('x')).not.toThrow()
  expect(() => settings.logger.info('x')).not.toThrow()
})
