import { inspect } from 'node:util'
import { ProfviewError } from '../errors.js'
import type { DumpMeta, Frame } from '../profile/profile.js'
import { DEFAULT_LIMITS } from '../store/retention.js'
import type { IncomingRequest } from './request.js'

/** What a finished profile was written as. */
export interface ProfileInfo {
  readonly id: string
  /** Path of the dump. */
  readonly file: string
  readonly meta: DumpMeta
}

/** The part of pino that is used; `console` fits too. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}

export interface Limits {
  /** Requests recorded at once in one worker; more are served unprofiled. Default 100. */
  readonly concurrent: number
  /** Recordings begun in any minute in one worker. Default 1,000. */
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

/**
 * Which requests are profiled: triggered ones (default), none, all, a share between 0 and 1, or the
 * process as a whole.
 */
export type Mode = 'trigger' | 'off' | 'all' | 'process' | number

export interface ProfilerOptions<Request = IncomingRequest> {
  /** Where dumps go [PROFVIEW_DIR]. Default `./profiles`. */
  readonly dir?: string
  /** Which requests [PROFVIEW]. `PROFVIEW=off` in the environment always wins. */
  readonly mode?: Mode | 'on' | boolean
  /** Header that triggers, with the value `1`. Default `x-profile`. */
  readonly header?: string
  /** Query parameter that triggers, with the value `1`. Default `profile`. */
  readonly query?: string
  /** Between two samples, ms, 0.2–100 [PROFVIEW_INTERVAL]. Default 1. */
  readonly interval?: number
  /** Follow each await: exact times and logical call chains. Default: for triggered requests. */
  readonly awaits?: boolean
  /**
   * Keep every request slower than this, ms, and every one answered with 5xx, decided after the
   * response [PROFVIEW_SLOW]. Asks nobody: it is the operator's choice. Needs the sampler from the
   * start, whatever `arm` says.
   */
  readonly slow?: number
  /**
   * When the sampler starts [PROFVIEW_ARM]: `start`, with the middleware, so that the first profile
   * is as true as the tenth; or `trigger`, with the first profiled request, at no cost until then.
   */
  readonly arm?: 'start' | 'trigger'
  /** Only signed triggers count [PROFVIEW_SECRET]. */
  readonly secret?: string
  /** Decides whether a triggered request may be profiled; replaces the built-in rules. */
  readonly authorize?: (request: Request) => boolean | Promise<boolean>
  readonly limits?: Partial<Limits>
  /** Facts to keep with the profile, such as a trace id. */
  readonly labels?: (request: Request) => Readonly<Record<string, string>>
  /** Renames frames before they leave the thread. */
  readonly redact?: (frame: Frame) => Frame
  /** Called after a dump was written. */
  readonly onProfile?: (info: ProfileInfo) => void
  readonly logger?: Logger
}

/** Options with every default filled in. */
export interface Settings {
  readonly dir: string
  readonly mode: Mode
  readonly header: string
  readonly query: string
  readonly intervalMs: number
  readonly awaits: boolean | null
  readonly slowMs: number | null
  readonly arm: 'start' | 'trigger'
  readonly secret: string | null
  readonly authorize: ((request: never) => boolean | Promise<boolean>) | null
  readonly production: boolean
  readonly limits: Limits
  readonly labels: ((request: never) => Readonly<Record<string, string>>) | null
  readonly redact: ((frame: Frame) => Frame) | null
  readonly onProfile: ((info: ProfileInfo) => void) | null
  readonly logger: Logger
}

const OPTION_NAMES: readonly (keyof ProfilerOptions)[] = [
  ...(['dir', 'mode', 'header', 'query', 'interval', 'awaits', 'slow', 'arm', 'secret'] as const),
  ...(['authorize', 'limits', 'labels', 'redact', 'onProfile', 'logger'] as const),
]

const DEFAULT_LOGGER: Logger = { info: () => {}, warn: (message) => warn(message) }

const BUILT_IN_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  concurrent: 100,
  perMinute: 1000,
  durationMs: 60_000,
}

/** Throws BAD_OPTION naming the option; a bad environment value is warned about and ignored. */
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
    if (value === undefined) logger.warn(`profview: ${name}=${text} is not understood and ignored`)
    return value
  }
  const killed = fromEnv('PROFVIEW', parseMode)
  const mode = option('mode', options.mode, parseMode) ?? killed ?? 'trigger'
  return {
    dir: option('dir', options.dir, text) ?? fromEnv('PROFVIEW_DIR', text) ?? './profiles',
    mode: killed === 'off' ? 'off' : mode,
    header: (option('header', options.header, token) ?? 'x-profile').toLowerCase(),
    query: option('query', options.query, token) ?? 'profile',
    intervalMs: clamp(
      option('interval', options.interval, positive) ?? fromEnv('PROFVIEW_INTERVAL', positive) ?? 1,
    ),
    awaits: option('awaits', options.awaits, flag) ?? null,
    slowMs: option('slow', options.slow, positive) ?? fromEnv('PROFVIEW_SLOW', positive) ?? null,
    arm: option('arm', options.arm, armed) ?? fromEnv('PROFVIEW_ARM', armed) ?? 'start',
    secret: option('secret', options.secret, text) ?? fromEnv('PROFVIEW_SECRET', text) ?? null,
    authorize: option('authorize', options.authorize, callback) ?? null,
    production: env.NODE_ENV === 'production',
    limits: resolveLimits(options.limits),
    labels: option('labels', options.labels, callback) ?? null,
    redact: option('redact', options.redact, callback) ?? null,
    onProfile: option('onProfile', options.onProfile, callback) ?? null,
    logger,
  }
}

// --- internal ---

const warned = new Set<string>()

function warn(message: string): void {
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message.replace(/^profview: /, ''), 'ProfviewWarning')
}

function option<In, Out>(
  name: string,
  value: In | undefined,
  parse: (value: In) => Out | undefined,
) {
  if (value === undefined) return undefined
  const parsed = parse(value)
  if (parsed === undefined) {
    const shown = inspect(value, { breakLength: Infinity, depth: 1 })
    throw new ProfviewError('BAD_OPTION', `option ${name}: ${shown} is not a valid value`, {
      path: name,
    })
  }
  return parsed
}

function checkNames(place: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const what = place === '' ? 'options' : `option ${place}`
    throw new ProfviewError('BAD_OPTION', `${what}: not an object`, { path: place })
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const path = place === '' ? unknown : `${place}.${unknown}`
  throw new ProfviewError('BAD_OPTION', `option ${path}: there is no such option`, { path })
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

function parseMode(value: unknown): Mode | undefined {
  if (value === 'off' || value === '0' || value === 0 || value === false) return 'off'
  if (value === 'trigger' || value === 'on' || value === true) return 'trigger'
  if (value === 'all' || value === '1' || value === 1) return 'all'
  if (value === 'process') return 'process'
  const share = typeof value === 'string' ? Number(value) : value
  return typeof share === 'number' && share > 0 && share < 1 ? share : undefined
}

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && number > 0 ? number : undefined
}

function clamp(intervalMs: number): number {
  return Math.min(100, Math.max(0.2, intervalMs))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function token(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]+$/.test(value) ? value : undefined
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function armed(value: unknown): 'start' | 'trigger' | undefined {
  return value === 'start' || value === 'trigger' ? value : undefined
}

function pinoShaped(value: Logger): Logger | undefined {
  return typeof value?.info === 'function' && typeof value.warn === 'function' ? value : undefined
}

/** The app's logger cannot fail anything here. */
function safe(logger: Logger): Logger {
  const call = (level: keyof Logger, message: string) => {
    try {
      logger[level](message)
    } catch {
      // Not ours.
    }
  }
  return {
    info: (message) => call('info', message),
    warn: (message) => call('warn', message),
  }
}

function callback<F>(value: F): F | undefined {
  return typeof value === 'function' ? value : undefined
}
