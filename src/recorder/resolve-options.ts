import { resolve } from 'node:path'
import { ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import { DEFAULT_LIMITS } from '../store/retention.js'
import { SECRET_BYTES, secretsIn } from '../token.js'
import { type Environment, environment } from './environment.js'
import { labelList } from './labels.js'
import { DEFAULT_LOGGER, type Logger, pinoShaped, safe } from './logger.js'
import { metricsIn, metricsRegistry } from './metrics.js'
import {
  armed,
  callback,
  checkNames,
  clampInterval,
  flag,
  flagWord,
  MODES,
  type Mode,
  meant,
  option,
  parseMode,
  path,
  positive,
  positives,
  schedule,
  threshold,
  token,
} from './option-values.js'
import type { Limits, ProfilerOptions, Settings } from './options.js'
import { routeList, routePatterns } from './route-patterns.js'

const OPTION_NAMES: readonly (keyof ProfilerOptions)[] = [
  ...([
    'dir',
    'mode',
    'header',
    'query',
    'interval',
    'awaits',
    'slow',
    'stall',
    'arm',
    'secret',
  ] as const),
  ...(['schedule', 'requestStart', 'authorize', 'limits', 'routes', 'route', 'labels'] as const),
  ...(['redact', 'metrics', 'onProfile', 'logger'] as const),
]

const BUILT_IN_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  concurrent: 100,
  perMinute: 1000,
  durationMs: 60_000,
}

/**
 * Throws BAD_OPTION naming the option; a bad environment value is warned about and ignored, but for
 * PROFVIEW, where it means off.
 */
export function resolveOptions(
  options: ProfilerOptions<never>,
  env: Environment = environment(),
): Settings {
  checkNames('', options, OPTION_NAMES)
  const given = option('logger', options.logger, pinoShaped)
  const logger = given === undefined ? DEFAULT_LOGGER : safe(given)
  const fromEnv = <T>(name: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = env[name]
    if (text === undefined || text === '') return undefined
    const value = parse(text)
    if (value !== undefined) return value
    const fact = `${name}=${printable(text, 40)} is not understood and ignored`
    logger.warn(`profview: ${fact}${meant(parse, ': it must be ')}`)
    return undefined
  }
  const asked = modeOf(env.PROFVIEW, logger)
  const mode = option('mode', options.mode, parseMode) ?? asked ?? 'trigger'
  const registry = option('metrics', options.metrics, metricsRegistry)
  const production = env.NODE_ENV === 'production'
  return {
    dir: absolute(option('dir', options.dir, path) ?? fromEnv('PROFVIEW_DIR', path) ?? 'profiles'),
    mode: asked === 'off' ? 'off' : mode,
    header: (
      option('header', options.header, token) ??
      fromEnv('PROFVIEW_HEADER', token) ??
      'x-profile'
    ).toLowerCase(),
    query: option('query', options.query, token) ?? fromEnv('PROFVIEW_QUERY', token) ?? 'profile',
    intervalMs: clampInterval(
      option('interval', options.interval, positive) ??
        fromEnv('PROFVIEW_INTERVAL', positive) ??
        (production ? 5 : 1), // a signal costs the same, so five times less
    ),
    awaits: option('awaits', options.awaits, flag) ?? fromEnv('PROFVIEW_AWAITS', flagWord) ?? null,
    slowMs: option('slow', options.slow, positive) ?? fromEnv('PROFVIEW_SLOW', positive) ?? null,
    stallMs:
      (option('stall', options.stall, threshold) ?? fromEnv('PROFVIEW_STALL', threshold)) || null,
    schedule:
      option('schedule', options.schedule, schedule) ??
      fromEnv('PROFVIEW_SCHEDULE', schedule) ??
      null,
    requestStart:
      (
        option('requestStart', options.requestStart, token) ??
        fromEnv('PROFVIEW_REQUEST_START', token)
      )?.toLowerCase() ?? null,
    arm: option('arm', options.arm, armed) ?? fromEnv('PROFVIEW_ARM', armed) ?? 'start',
    secret: secretOf(options.secret) ?? secretOfEnv(env.PROFVIEW_SECRET, logger),
    authorize: option('authorize', options.authorize, callback) ?? null,
    production,
    limits: resolveLimits(options.limits, fromEnv('PROFVIEW_LIMITS', limitList)),
    routes:
      option('routes', options.routes, routePatterns) ??
      fromEnv('PROFVIEW_ROUTES', routeList) ??
      null,
    route: option('route', options.route, callback) ?? null,
    labels: option('labels', options.labels, callback) ?? null,
    labelsOfAll: fromEnv('PROFVIEW_LABELS', labelList) ?? {},
    redact: option('redact', options.redact, callback) ?? null,
    metrics: registry === undefined ? null : metricsIn(registry),
    onProfile: option('onProfile', options.onProfile, callback) ?? null,
    logger,
  }
}

// --- internal ---

/** What is not understood may have been meant as `off`. */
function modeOf(value: string | undefined, logger: Logger): Mode | undefined {
  const text = value?.trim() ?? ''
  if (text === '') return undefined
  const mode = parseMode(text)
  if (mode !== undefined) return mode
  logger.warn(
    `profview: PROFVIEW=${printable(text, 40)} is not understood: profiling is off (${MODES})`,
  )
  return 'off'
}

/** The value itself is in no message. */
function secretOf(value: unknown): readonly string[] | null {
  if (value === undefined) return null
  const secrets = typeof value === 'string' ? secretsIn(value) : null
  if (secrets !== null) return secrets
  throw new ProfviewError('BAD_OPTION', `option secret: it must be ${A_SECRET}`, { path: 'secret' })
}

function secretOfEnv(value: string | undefined, logger: Logger): readonly string[] | null {
  if (value === undefined) return null
  const secrets = secretsIn(value)
  if (secrets !== null) return secrets
  logger.warn(`profview: PROFVIEW_SECRET must be ${A_SECRET}: no trigger is honoured`)
  return []
}

const A_SECRET = `one secret, or two separated by a comma, of ${SECRET_BYTES} bytes or more each`

/** The app may go elsewhere later on, or its directory may be removed. */
function absolute(dir: string): string {
  try {
    return resolve(dir)
  } catch {
    // There is no working directory any more.
    return dir
  }
}

const limitList = positives(Object.keys(BUILT_IN_LIMITS) as (keyof Limits)[])

function resolveLimits(limits: Partial<Limits> = {}, fromEnv: Partial<Limits> = {}): Limits {
  checkNames('limits', limits, Object.keys(BUILT_IN_LIMITS))
  const resolved = { ...BUILT_IN_LIMITS, ...fromEnv }
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    resolved[name] = option(`limits.${name}`, limits[name], positive) ?? resolved[name]
  }
  // A timer cannot wait for longer than this many ms.
  return { ...resolved, durationMs: Math.min(resolved.durationMs, 2 ** 31 - 1) }
}
