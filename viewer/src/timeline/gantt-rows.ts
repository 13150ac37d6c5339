import { type IndexEntry, workerOfEntry } from '../../../src/viewer-api/wire.js'

/** A request on the common clock: microseconds since the first one began. */
export interface GanttRequest {
  readonly entry: IndexEntry
  readonly from: number
  readonly to: number
}

export interface GanttWorker {
  readonly worker: string
  readonly requests: number
}

export type GanttRow = GanttRequest | GanttWorker

export interface GanttModel {
  readonly rows: readonly GanttRow[]
  /** When the clock begins, in milliseconds since the epoch. */
  readonly startMs: number
  readonly whole: number
  /** Profiles that do not say when they began. */
  readonly left: number
}

/** The requests in order of time below the worker that served them, on one clock. */
export function ganttOf(entries: readonly IndexEntry[]): GanttModel {
  const timed = entries.filter(({ meta }) => meta !== null)
  const startOf = ({ meta }: IndexEntry) => Date.parse(meta!.startedAt)
  const startMs = timed.reduce((first, entry) => Math.min(first, startOf(entry)), Number.MAX_VALUE)
  const requests = timed
    .map((entry) => {
      const from = (startOf(entry) - startMs) * 1_000
      return { entry, from, to: from + entry.meta!.durationMicros }
    })
    .sort((a, b) => a.from - b.from || b.to - a.to)
  const byWorker = new Map<string, GanttRequest[]>()
  for (const request of requests) {
    const worker = workerOfEntry(request.entry)
    const others = byWorker.get(worker)
    if (others) others.push(request)
    else byWorker.set(worker, [request])
  }
  const workers = [...byWorker].sort(([a], [b]) => NATURAL.compare(a, b))
  return {
    rows: workers.flatMap(([worker, each]) => [{ worker, requests: each.length }, ...each]),
    startMs: timed.length === 0 ? 0 : startMs,
    whole: requests.reduce((last, { to }) => Math.max(last, to), 0),
    left: entries.length - timed.length,
  }
}

export function isWorker(row: GanttRow): row is GanttWorker {
  return 'worker' in row
}

// --- internal ---

const NATURAL = new Intl.Collator('en', { numeric: true })
