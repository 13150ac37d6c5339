/** What `profile(fn, options)` may be told. */
import { type DumpLabels, withLabels } from '../labels.js'
import { DEFAULT_LOGGER, type Logger, pinoShaped, safe } from '../logger.js'
import type { MetricsRegistry } from '../metrics.js'
import { checkNames, name, option, plainLabels, share } from '../option-values.js'
import type { Limits, ProfileInfo, Settings } from '../options.js'
import { resolveOptions } from '../resolve-options.js'
import { routeText } from '../routes.js'

/** With `dir`, `share` or `slow` a dump is written, as for requests. */
export interface FunctionOptions {
  /** For people, and for those whom it blocks; default: the function's name. */
  readonly name?: string
  /** Facts to keep with the profile, beside those of PROFVIEW_LABELS. */
  readonly labels?: Readonly<Record<string, string>>
  /** Where dumps go. Default, with `share` or `slow`: PROFVIEW_DIR, or `./profiles` as of now. */
  readonly dir?: string
  /** Record so many of the calls, 0–1: each is chosen by chance. */
  readonly share?: number
  /**
   * Keep the call if it took longer than this, ms, decided after its end. Without `share` nothing
   * else is kept; with it, also those that it chooses.
   */
  readonly slow?: number
  /** Between two samples, ms. Default 1; 5 in production. The first of a thread's holds for all. */
  readonly interval?: number
  /** Follow each await. Default true; false with `share`. Those kept by `slow` never are. */
  readonly awaits?: boolean
  /** As those of `profiler()`; only where dumps are written. */
  readonly limits?: Partial<Limits>
  /** Called after a dump was written. */
  readonly onProfile?: (info: ProfileInfo) => void
  readonly logger?: Logger
  /** A registry of prom-client that counts the job with the app's requests, by its name. */
  readonly metrics?: MetricsRegistry
}

/** The same, checked and with every default filled in. */
export interface Job {
  readonly name: string
  readonly labels: DumpLabels
  readonly settings: Settings
  /** A dump is written. */
  readonly isKept: boolean
  readonly share: number | null
  readonly slowMs: number | null
  readonly awaits: boolean
}

/** Throws BAD_OPTION naming the option. */
export function resolveJob(fn: unknown, options: FunctionOptions): Job {
  checkNames('', options, OPTION_NAMES)
  const { name: given, labels, share: shared, dir, slow, interval, awaits, limits } = options
  const said = option('name', given, name) ?? (fn as { name?: unknown })?.name
  const own = option('labels', labels, plainLabels)
  const chosen = option('share', shared, share) ?? null
  const logger = loggerOf(option('logger', options.logger, pinoShaped) ?? DEFAULT_LOGGER)
  const { onProfile, metrics } = options
  const rest = { dir, slow, interval, awaits, limits, onProfile, metrics }
  const isGiven = ([, value]: [string, unknown]) => value !== undefined
  const asked = Object.fromEntries(Object.entries(rest).filter(isGiven))
  const settings = { ...resolveOptions({ ...asked, logger: logger.once }), logger: logger.safe }
  return {
    name: routeText(said),
    labels: withLabels(settings.labelsOfAll, own),
    settings,
    isKept: dir !== undefined || chosen !== null || slow !== undefined,
    share: chosen,
    // That of the environment is about requests.
    slowMs: slow === undefined ? null : settings.slowMs,
    awaits: settings.awaits ?? chosen === null,
  }
}

// --- internal ---

const OPTION_NAMES: readonly (keyof FunctionOptions)[] = [
  ...(['name', 'labels', 'dir', 'share', 'slow', 'interval', 'awaits', 'limits'] as const),
  ...(['onProfile', 'logger', 'metrics'] as const),
]

interface JobLogger {
  readonly safe: Logger
  /** What is wrong in the environment is so at each job. */
  readonly once: Logger
}

/** One for each of the app's, since others remember by it what has been told. */
const loggers = new WeakMap<Logger, JobLogger>()

function loggerOf(logger: Logger): JobLogger {
  const known = loggers.get(logger)
  if (known !== undefined) return known
  const told = new Set<string>()
  const warn = (message: string) => {
    if (!told.has(message)) logger.warn(message)
    told.add(message)
  }
  const made = { safe: safe(logger), once: { info: () => {}, warn } }
  loggers.set(logger, made)
  return made
}
