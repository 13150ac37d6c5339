/**
 * Metrics as prom-client's own look to its registries, from version 14 on: it is never loaded here.
 */

/** prom-client's `Registry`, as far as it is used. */
export interface MetricsRegistry {
  getSingleMetric(name: string): unknown
  registerMetric(metric: never): void
}

export type Labels = Readonly<Record<string, string>>

interface Value {
  readonly labels: Labels
  value: number
  exemplar?: { readonly labelSet: Labels; readonly value: number; readonly timestamp: number }
}

export class Counter {
  readonly type = 'counter'
  readonly aggregator = 'sum'
  /** A registry in OpenMetrics takes `_total` from it, and adds it to each line. */
  name: string
  readonly help: string
  readonly #values = new Map<string, Value>()

  constructor(name: string, help: string) {
    this.name = name
    this.help = help
  }

  add(labels: Labels, value: number, exemplar: Labels | null): void {
    const key = JSON.stringify(labels)
    const sum = this.#values.get(key) ?? { labels, value: 0 }
    this.#values.set(key, sum)
    sum.value += value
    // Seconds since the epoch.
    if (exemplar) sum.exemplar = { labelSet: exemplar, value, timestamp: Date.now() / 1000 }
  }

  reset(): void {
    this.#values.clear()
  }

  async get() {
    const { name, help, type, aggregator } = this
    const values = [...this.#values.values()].map((value) => ({ ...value }))
    return { name, help, type, aggregator, values }
  }
}

/** How many were within each bound, their sum and number; nothing as long as there is none. */
export class Histogram {
  readonly type = 'histogram'
  readonly aggregator = 'sum'
  readonly name: string
  readonly help: string
  readonly #bounds: readonly number[]
  #buckets: Value[] = []
  #sum = 0

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name
    this.help = help
    this.#bounds = bounds
    this.reset()
  }

  add(value: number, exemplar: Labels): void {
    this.#sum += value
    const first = this.#bounds.findIndex((bound) => value <= bound)
    const own = first === -1 ? this.#bounds.length : first
    for (const bucket of this.#buckets.slice(own)) bucket.value++
    const seen = { labelSet: exemplar, value, timestamp: Date.now() / 1000 }
    this.#buckets[own]!.exemplar = seen
  }

  reset(): void {
    const all = [...this.#bounds.map(String), '+Inf']
    this.#buckets = all.map((le) => ({ labels: { le }, value: 0 }))
    this.#sum = 0
  }

  async get() {
    const { name, help, type, aggregator } = this
    const values = this.#buckets.map((bucket) => ({ ...bucket, metricName: `${name}_bucket` }))
    const sums = [
      { labels: {}, value: this.#sum, metricName: `${name}_sum` },
      { labels: {}, value: values.at(-1)!.value, metricName: `${name}_count` },
    ]
    const isEmpty = values.at(-1)!.value === 0
    return { name, help, type, aggregator, values: isEmpty ? [] : [...values, ...sums] }
  }
}

/** Where the name is taken already, by another copy of this package or the app: beside it. */
export function registered<Metric extends Counter | Histogram>(
  registry: MetricsRegistry,
  metric: Metric,
): Metric {
  try {
    const taken = registry.getSingleMetric(metric.name) as Partial<Metric> | undefined
    if (typeof taken?.add === 'function') return taken as Metric
    if (taken === undefined) registry.registerMetric(metric as never)
  } catch {
    // It is counted, and nobody asks.
  }
  return metric
}
