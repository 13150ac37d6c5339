import { resolve } from 'node:path'
import { ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import type { DumpMeta, Frame } from '../profile/profile.js'
import { DEFAULT_LIMITS } from '../store/retention.js'
import { SECRET_BYTES, secretsIn } from '../token.js'
import { type DumpLabels, labelList } from './labels.js'
import { DEFAULT_LOGGER, type Logger, pinoShaped, safe } from './logger.js'
import {
  armed,
  callback,
  checkNames,
  clampInterval,
  flag,
  MODES,
  type Mode,
  meant,
  option,
  parseMode,
  path,
  positive,
  token,
} from './option-values.js'
import type { IncomingRequest } from './request.js'
import { type RoutePattern, routePatterns } from './route-patterns.js'

/** What a finished profile was written as. */
export interface ProfileInfo {
  readonly id: string
  /** Path of the dump. */
  readonly file: string
  readonly meta: DumpMeta
}

export interface Limits {
  /** Requests recorded at once in one worker; more are served unprofiled. Default 100. */
  readonly concurrent: number
  /** Dumps that the directory gets in any minute, whoever writes there. Default 1,000. */
  readonly perMinute: number
  /** A recording ends here even if its response does not, ms. Default 60,000. */
  readonly durationMs: number
  /** Dumps kept in the directory, over all workers. */
  readonly files: number
  /** Bytes of dumps kept. */
  readonly bytes: number
  /** Age up to which dumps are kept, ms. */
  readonly ageMs: number
}

export interface ProfilerOptions<Request = IncomingRequest> {
  /** Where dumps go [PROFVIEW_DIR]. Default `./profiles`, as of now. */
  readonly dir?: string
  /**
   * Which requests [PROFVIEW]. `PROFVIEW=off` in the environment always wins, and what is not
   * understood there is off as well.
   */
  readonly mode?: Mode | 'on' | boolean
  /** Header that triggers, with the value `1`, `true`, none or `html`. Default `x-profile`. */
  readonly header?: string
  /** Query parameter that triggers, with these values. Default `profile`. */
  readonly query?: string
  /** Between two samples, ms, 0.2–100 [PROFVIEW_INTERVAL]. Default 1; 5 in production. */
  readonly interval?: number
  /** Follow each await: exact times and logical call chains. Default: for triggered requests. */
  readonly awaits?: boolean
  /**
   * Keep every request slower than this, ms, and every one answered with 5xx, decided after the
   * response [PROFVIEW_SLOW]. The time that it may have waited in the loop's queue counts; of those
   * slow by the queue alone one is kept for each busy stretch. Event streams and upgrades are not
   * slow. Asks nobody: it is the operator's choice. Needs the sampler from the start, whatever
   * `arm` says.
   */
  readonly slow?: number
  /**
   * A header that says when a request was sent, to be trusted: `x-request-start`, as proxies set it
   * (seconds, ms or µs since the epoch, with or without `t=`). Default: none.
   */
  readonly requestStart?: string
  /**
   * When the sampler starts [PROFVIEW_ARM]: `start`, with the middleware, so that the first profile
   * is as true as the tenth; or `trigger`, with the first profiled request, at no cost until then.
   */
  readonly arm?: 'start' | 'trigger'
  /**
   * Only triggers count that `profview token` has signed with it [PROFVIEW_SECRET]. 32 bytes or
   * more; two of them, separated by a comma, while one takes the other's place.
   */
  readonly secret?: string
  /** Decides whether a triggered request may be profiled; replaces the built-in rules. */
  readonly authorize?: (request: Request) => boolean | Promise<boolean>
  readonly limits?: Partial<Limits>
  /**
   * Patterns of the app's paths, such as `/users/:id` and `/files/*`, for requests of which no
   * framework knows the route. The first that fits is the route.
   */
  readonly routes?: readonly string[]
  /**
   * The request's route pattern, in place of the framework's; '' where it is not known. Asked often
   * and at any time until the request's end. Never give it the path itself: it stands in dumps.
   */
  readonly route?: (request: Request) => string
  /**
   * Facts to keep with the profile, such as a trace id. Those of `PROFVIEW_LABELS=version=1.2,
   * region=eu` are kept with every profile.
   */
  readonly labels?: (request: Request) => Readonly<Record<string, string>>
  /**
   * Renames frames before they leave the thread; and, as frames that have a name only, routes,
   * waits, labels and names of functions or jobs.
   */
  readonly redact?: (frame: Frame) => Frame
  /** Called after a dump was written. */
  readonly onProfile?: (info: ProfileInfo) => void
  readonly logger?: Logger
}

/** Options with every default filled in. */
export interface Settings {
  /** Absolute, where there is a working directory. */
  readonly dir: string
  readonly mode: Mode
  readonly header: string
  readonly query: string
  readonly intervalMs: number
  readonly awaits: boolean | null
  readonly slowMs: number | null
  /** In lower case. */
  readonly requestStart: string | null
  readonly arm: 'start' | 'trigger'
  /** One, or two; none where the variable has what is no secret: then nothing opens. */
  readonly secret: readonly string[] | null
  readonly authorize: ((request: never) => boolean | Promise<boolean>) | null
  readonly production: boolean
  readonly limits: Limits
  readonly routes: readonly RoutePattern[] | null
  readonly route: ((request: never) => string) | null
  readonly labels: ((request: never) => DumpLabels) | null
  /** Of the environment. */
  readonly labelsOfAll: DumpLabels
  readonly redact: ((frame: Frame) => Frame) | null
  readonly onProfile: ((info: ProfileInfo) => void) | null
  readonly logger: Logger
}

const OPTION_NAMES: readonly (keyof ProfilerOptions)[] = [
  ...(['dir', 'mode', 'header', 'query', 'interval', 'awaits', 'slow', 'arm', 'secret'] as const),
  ...(['requestStart', 'authorize', 'limits', 'routes', 'route', 'labels'] as const),
  ...(['redact', 'onProfile', 'logger'] as const),
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
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  checkNames('', options, OPTION_NAMES)
  const logger = safe(option('logger', options.logger, pinoShaped) ?? DEFAULT_LOGGER)
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
  const production = env.NODE_ENV === 'production'
  return {
    dir: absolute(option('dir', options.dir, path) ?? fromEnv('PROFVIEW_DIR', path) ?? 'profiles'),
    mode: asked === 'off' ? 'off' : mode,
    header: (option('header', options.header, token) ?? 'x-profile').toLowerCase(),
    query: option('query', options.query, token) ?? 'profile',
    intervalMs: clampInterval(
      option('interval', options.interval, positive) ??
        fromEnv('PROFVIEW_INTERVAL', positive) ??
        (production ? 5 : 1), // a signal costs the same, so five times less
    ),
    awaits: option('awaits', options.awaits, flag) ?? null,
    slowMs: option('slow', options.slow, positive) ?? fromEnv('PROFVIEW_SLOW', positive) ?? null,
    requestStart: option('requestStart', options.requestStart, token)?.toLowerCase() ?? null,
    arm: option('arm', options.arm, armed) ?? fromEnv('PROFVIEW_ARM', armed) ?? 'start',
    secret: secretOf(options.secret) ?? secretOfEnv(env.PROFVIEW_SECRET, logger),
    authorize: option('authorize', options.authorize, callback) ?? null,
    production,
    limits: resolveLimits(options.limits),
    routes: option('routes', options.routes, routePatterns) ?? null,
    route: option('route', options.route, callback) ?? null,
    labels: option('labels', options.labels, callback) ?? null,
    labelsOfAll: fromEnv('PROFVIEW_LABELS', labelList) ?? {},
    redact: option('redact', options.redact, callback) ?? null,
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

function resolveLimits(limits: Partial<Limits> = {}): Limits {
  checkNames('limits', limits, Object.keys(BUILT_IN_LIMITS))
  const resolved = { ...BUILT_IN_LIMITS }
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    resolved[name] = option(`limits.${name}`, limits[name], positive) ?? resolved[name]
  }
  // A timer cannot wait for longer than this many ms.
  return { ...resolved, durationMs: Math.min(resolved.durationMs, 2 ** 31 - 1) }
}
