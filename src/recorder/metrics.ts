/**
 * What profiling did, as metrics in the app's own registry of prom-client, which is never loaded
 * here: a registry takes whatever has a name and `get`. Sums alone, so that a cluster's aggregator
 * may add them up. Nothing is counted for a request or a job that is not profiled.
 */
import type { DumpMeta, Stall } from '../profile/profile.js'
import {
  Counter,
  Histogram,
  type Labels,
  type MetricsRegistry,
  registered,
} from './metric-types.js'

export type { MetricsRegistry } from './metric-types.js'

export interface Metrics {
  /** A dump has been written. */
  taken(meta: DumpMeta): void
  refused(reason: string): void
}

/** One for each registry, whoever mounts with it. */
export function metricsIn(registry: MetricsRegistry): Metrics {
  let metrics = known.get(registry)
  if (metrics === undefined) {
    metrics = new RegisteredMetrics(registry)
    known.set(registry, metrics)
  }
  return metrics
}

export function metricsRegistry(value: unknown): MetricsRegistry | undefined {
  const registry = value as Partial<MetricsRegistry> | null
  const has = (name: keyof MetricsRegistry) => typeof registry?.[name] === 'function'
  return has('getSingleMetric') && has('registerMetric') ? (value as MetricsRegistry) : undefined
}

// --- internal ---

const known = new WeakMap<MetricsRegistry, Metrics>()
/** Routes of an app are few; of one whose `route` gives paths, the rest are one. */
const MOST_ROUTES = 100
const MICROS = 1e6
/** In seconds. */
const STALL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

class RegisteredMetrics implements Metrics {
  readonly #routes = new Set<string>()
  readonly #profiles: Counter
  readonly #refusals: Counter
  readonly #ledger: Counter
  readonly #queue: Counter
  readonly #blame: Counter
  readonly #own: Counter
  readonly #stalls: Counter
  readonly #stallTimes: Histogram

  constructor(registry: MetricsRegistry) {
    const counter = (name: string, help: string) =>
      registered(registry, new Counter(`profview_${name}`, help))
    this.#profiles = counter('profiles_total', 'Profiles written, by why they were kept')
    this.#refusals = counter('refusals_total', 'Requests to be profiled that were not, and why')
    this.#ledger = counter(
      'ledger_seconds_total',
      'Where the time of profiled requests and jobs went',
    )
    this.#queue = counter(
      'queue_seconds_total',
      'How long profiled requests may have waited to be seen, at most',
    )
    this.#blame = counter(
      'loop_blame_seconds_total',
      'How long profiled requests may have waited for the loop, by whose code it ran',
    )
    this.#own = counter('own_seconds_total', 'What the sampler itself took in profiled requests')
    this.#stalls = counter('stalls_total', 'Stalls that were kept, by whose code held the loop')
    this.#stallTimes = registered(
      registry,
      new Histogram('profview_stall_seconds', 'How long stalls that were kept took', STALL_BUCKETS),
    )
  }

  taken(meta: DumpMeta): void {
    const { ledger, kept, queued } = meta
    const exemplar = exemplarOf(meta)
    this.#profiles.add({ kept }, 1, exemplar)
    const own = ledger.profiler / MICROS
    if (own > 0) this.#own.add({}, own, exemplar)
    if (meta.stall !== null) return this.#stalled(meta, meta.stall, exemplar)
    const title = titleOf(meta)
    if (title === null) return
    const route = this.#bounded(title)
    for (const [account, micros] of Object.entries(ledger)) {
      if (micros > 0) this.#ledger.add({ route, account }, micros / MICROS, exemplar)
    }
    if (queued === null) return
    const most = queued.maxMicros ?? 0
    if (most > 0) this.#queue.add({ route }, most / MICROS, exemplar)
    for (const { title, micros } of queued.by) {
      if (micros > 0) this.#blame.add({ route: this.#bounded(title) }, micros / MICROS, exemplar)
    }
  }

  refused(reason: string): void {
    this.#refusals.add({ reason }, 1, null)
  }

  /** What has not ended is written again, and counts then. */
  #stalled({ durationMicros }: DumpMeta, { ended, cause, by }: Stall, exemplar: Labels): void {
    if (!ended) return
    const route = this.#bounded(by?.[0]?.title ?? '[unknown]')
    this.#stalls.add({ route, cause }, 1, exemplar)
    this.#stallTimes.add(durationMicros / MICROS, exemplar)
  }

  #bounded(route: string): string {
    if (this.#routes.has(route)) return route
    if (this.#routes.size >= MOST_ROUTES) return 'other'
    this.#routes.add(route)
    return route
  }
}

/** Of a request or a job; null: many are in it. */
function titleOf({ kind, name, request }: DumpMeta): string | null {
  if (request !== null) return `${request.method} ${request.route || '[unknown]'}`
  return kind === 'function' ? (name ?? '[unknown]') : null
}

/** What leads from a line to its trace and its profile. */
function exemplarOf({ id, labels }: DumpMeta): Labels {
  const { trace_id: trace } = labels
  const isTrace = trace !== undefined && /^[0-9a-f]{32}$/.test(trace)
  return { ...(isTrace ? { trace_id: trace } : {}), profile_id: id }
}
