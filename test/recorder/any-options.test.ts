/** Options and variables of any kind: what comes of them is right, or they are refused by name. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProfviewError } from '../../src/errors.js'
import type { ProfilerOptions, Settings } from '../../src/recorder/options.js'
import { resolveOptions } from '../../src/recorder/resolve-options.js'

const logger = { info: () => {}, warn: () => {} }
const NUMBER = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 0.2, 100, 2 ** 31, 2 ** 53, 1e300, Number.MIN_VALUE, Infinity, NaN),
)
const ANY = fc.oneof(NUMBER, fc.string(), fc.anything({ maxDepth: 1 }), fc.func(fc.anything()))
/** Mostly as people write it. */
const as = (...usual: unknown[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: ANY })
const [COUNT, CALLBACK] = [as(1, 0.5, 1e6, Infinity), as(() => true)]
const LIMITS = fc.record(
  {
    ...{ concurrent: COUNT, perMinute: COUNT, durationMs: COUNT },
    ...{ files: COUNT, bytes: COUNT, ageMs: COUNT },
  },
  { requiredKeys: [] },
)
const OPTIONS = fc.record(
  {
    ...{ dir: as('a', '/b'), mode: as('all', true, 0.5), header: as('x-why'), query: as('why') },
    ...{ interval: fc.oneof(as(1, 5), NUMBER), awaits: as(true), slow: as(500) },
    ...{ requestStart: as('X-Start'), arm: as('start', 'trigger'), secret: as('s'.repeat(32)) },
    ...{ routes: as(['/a/:b'], ['/*']), route: CALLBACK },
    ...{ authorize: CALLBACK, labels: CALLBACK, redact: CALLBACK, onProfile: CALLBACK },
    limits: fc.oneof({ weight: 9, arbitrary: LIMITS }, ANY),
  },
  { requiredKeys: [] },
)
const LIMIT_NAME = fc.oneof(fc.constantFrom('files', 'ageMs', '__proto__'), fc.string())
const LIMIT_TEXT = fc.oneof(
  fc.string(),
  fc.tuple(LIMIT_NAME, NUMBER).map((pair) => pair.join('=')),
)
const VARIABLES = fc.record(
  {
    ...{ PROFVIEW: fc.string(), PROFVIEW_DIR: fc.string(), PROFVIEW_INTERVAL: fc.string() },
    ...{ PROFVIEW_SLOW: fc.string(), PROFVIEW_ARM: fc.string(), NODE_ENV: fc.string() },
    ...{ PROFVIEW_SECRET: fc.string(), PROFVIEW_LABELS: fc.string() },
    ...{ PROFVIEW_HEADER: fc.string(), PROFVIEW_QUERY: fc.string(), PROFVIEW_AWAITS: fc.string() },
    ...{ PROFVIEW_LIMITS: LIMIT_TEXT, PROFVIEW_ROUTES: fc.string() },
    ...{ PROFVIEW_REQUEST_START: fc.string() },
  },
  { requiredKeys: [] },
)

/** What the rest of the code relies on, in words of which none is wrong. */
function wrongIn(settings: Settings): string[] {
  const { dir, mode, header, query, intervalMs, slowMs, arm, limits } = settings
  const isShare = typeof mode === 'number' && mode > 0 && mode < 1
  const isPositive = (value: number) => value > 0
  const checks: [string, boolean][] = [
    ['dir', dir.length > 0 && !dir.includes('\0')],
    ['mode', isShare || ['trigger', 'off', 'all', 'process'].includes(mode as string)],
    ['header', /^[\w-]+$/.test(header) && header === header.toLowerCase()],
    ['query', /^[\w-]+$/.test(query)],
    // What V8 is given: more or less would end the process.
    ['interval', intervalMs >= 0.2 && intervalMs <= 100],
    ['slow', slowMs === null || isPositive(slowMs)],
    ['arm', arm === 'start' || arm === 'trigger'],
    ['limits', Object.values(limits).every(isPositive)],
    ['durationMs', limits.durationMs < 2 ** 31],
  ]
  return checks.filter(([, isRight]) => !isRight).map(([name]) => name)
}

test('options of any kind are right, or refused by name', () => {
  let [right, refused] = [0, 0]
  fc.assert(
    fc.property(OPTIONS, VARIABLES, (options, variables) => {
      try {
        const settings = resolveOptions({ ...options, logger } as ProfilerOptions, variables)
        expect(wrongIn(settings)).toEqual([])
        right++
      } catch (error) {
        if (!(error instanceof ProfviewError)) throw error
        expect(error.code).toBe('BAD_OPTION')
        expect(Object.keys(options)).toContain(error.path?.split('.')[0])
        refused++
      }
    }),
    { numRuns: 2000 },
  )
  expect([right > 20, refused > 20]).toEqual([true, true])
})

test('variables alone never throw, whatever they say', () => {
  fc.assert(
    fc.property(VARIABLES, (variables) => {
      expect(wrongIn(resolveOptions({ logger }, variables))).toEqual([])
    }),
    { numRuns: 2000 },
  )
})
