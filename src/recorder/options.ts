import type { DumpMeta, Frame } from '../profile/profile.js'
import type { Logger } from './logger.js'
import type { Metrics, MetricsRegistry } from './metrics.js'
import type { Mode, Schedule } from './option-values.js'
import type { IncomingRequest } from './request.js'
import type { RoutePattern } from './route-patterns.js'

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
  /**
   * Header that triggers, with the value `1`, `true`, none, `html` or `dump`
   * [PROFVIEW_HEADER]. Default `x-profile`.
   */
  readonly header?: string
  /** Query parameter that triggers, with these values [PROFVIEW_QUERY]. Default `profile`. */
  readonly query?: string
  /** Between two samples, ms, 0.2–100 [PROFVIEW_INTERVAL]. Default 1; 5 in production. */
  readonly interval?: number
  /**
   * Follow each await: exact times and logical call chains [PROFVIEW_AWAITS]. Default: for
   * triggered requests.
   */
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
   * Keep every stretch longer than this, ms, in which the loop was too busy to look for what had
   * come in [PROFVIEW_STALL]: whose code that was, and who waited. Default off. Asks nobody, as
   * `slow`, and needs the sampler from the start.
   */
  readonly stall?: number | false
  /**
   * Record the whole process for 10 s every 10 min [PROFVIEW_SCHEDULE]: `10m/10s`. Each worker has
   * a time of its own. Beside all else; default: never.
   */
  readonly schedule?: string
  /**
   * A header that says when a request was sent, to be trusted: `x-request-start`, as proxies set it
   * (seconds, ms or µs since the epoch, with or without `t=`) [PROFVIEW_REQUEST_START]. Default:
   * none.
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
  /** [PROFVIEW_LIMITS=`files=200,bytes=1e8`] */
  readonly limits?: Partial<Limits>
  /**
   * Patterns of the app's paths, such as `/users/:id` and `/files/*`, for requests of which no
   * framework knows the route. The first that fits is the route [PROFVIEW_ROUTES, by commas].
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
  /**
   * A registry of prom-client, which is given what profiling did: profiles by why they were kept,
   * refusals by their reason, the ledger and the queue by route, whose code the loop was busy with.
   */
  readonly metrics?: MetricsRegistry
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
  readonly stallMs: number | null
  readonly schedule: Schedule | null
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
  readonly labels: ((request: never) => Readonly<Record<string, string>>) | null
  /** Of the environment. */
  readonly labelsOfAll: Readonly<Record<string, string>>
  readonly redact: ((frame: Frame) => Frame) | null
  readonly metrics: Metrics | null
  readonly onProfile: ((info: ProfileInfo) => void) | null
  readonly logger: Logger
  /** `GET /users/:id`: of other requests no dump is written. */
  readonly onlyRoute?: string | null
}

/** What it keeps has been sampled before anybody knew, so it needs the sampler from the start. */
export function looksBack({ slowMs, stallMs }: Settings): boolean {
  return slowMs !== null || stallMs !== null
}
