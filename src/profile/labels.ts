/** The labels that say where a merged sample came from, and their texts. */
import type { DumpMeta, Labels } from './profile.js'

export const WORKER_LABEL = 'worker'
export const ROUTE_LABEL = 'route'
export const REQUEST_LABEL = 'request'

/** Of samples that are no dump's: the file, where several were read as one. */
export const FILE_LABEL = 'file'

/** What tells the parts of a profile apart that ran beside each other, the widest first. */
export const PART_LABELS = [FILE_LABEL, WORKER_LABEL, 'thread', 'profile'] as const

/** What such a part is called: `server.cpuprofile · 4711`; '' where nothing names it. */
export function partName(labels: Labels): string {
  return PART_LABELS.flatMap((name) => labels.get(name) ?? []).join(' · ')
}

/**
 * What else a request was waiting for, apart from what ended the wait: `timer 300 ms, dns
 * example.com`.
 */
export const PENDING_LABEL = 'also waiting for'

/** Of samples below `[blocked]`: `UP_TO` where the time is an upper bound; none: it is sure. */
export const BLOCKED_LABEL = 'blocked'
export const UP_TO = 'up to'

/** `GET /users/:id`; `GET` where no route matched; '' for a recording of something else. */
export function routeOf(meta: DumpMeta): string {
  return meta.request === null ? '' : `${meta.request.method} ${meta.request.route}`.trim()
}

/**
 * What lists call it: its route, its job's name, or what it is, as `process (capture)` and
 * `stall (GET /report)`.
 */
export function titleOf(meta: DumpMeta): string {
  const { kind, kept, name, stall } = meta
  const more = kind === 'process' && kept !== 'process' ? kept : stall?.by?.[0]?.title
  return routeOf(meta) || name || (more ? `${kind} (${more})` : kind)
}

/**
 * `200`, and `200 aborted` or `aborted` where the client went away before the end; '' where there
 * was no status, as for a recording of something else.
 */
export function statusOf({ request }: DumpMeta): string {
  if (request === null) return ''
  const { status, aborted } = request
  return [...(status === 0 ? [] : [status]), ...(aborted ? ['aborted'] : [])].join(' ')
}

/**
 * The cluster's number for the worker, or its process id outside a cluster; `2.1` for thread 1 of
 * worker 2: each thread is profiled by itself.
 */
export function workerOf({ process }: DumpMeta): string {
  return withThread(process.workerId || process.pid, process)
}

/** The same in a sentence: `worker 2, pid 4711, thread 1`. */
export function threadText(thread: Pick<ThreadOf, 'workerId' | 'pid' | 'threadId'>): string {
  const { workerId, pid, threadId } = thread
  const worker = workerId > 0 ? [`worker ${workerId}`] : []
  return [...worker, `pid ${pid}`, ...(threadId > 0 ? [`thread ${threadId}`] : [])].join(', ')
}

/**
 * What workers are called beside each other: as above, and `pod-a/2.1` where there is more than one
 * host, since a container's process is number 1 in each.
 */
export function workerNames<Of>(
  all: readonly Of[],
  metaOf: (each: Of) => DumpMeta | null,
): ReadonlyMap<Of, string> {
  const hosts = new Set(all.map((each) => metaOf(each)?.process.host || null))
  const hasSeveral = hosts.size - (hosts.has(null) ? 1 : 0) > 1
  const names = new Map<Of, string>()
  for (const each of all) {
    const meta = metaOf(each)
    if (meta !== null) names.set(each, namesOf(meta)[hasSeveral ? 1 : 0]!)
  }
  return names
}

/** All that it may be called: alone on its host, and beside others. */
export function namesOf(meta: DumpMeta): readonly [string, string] {
  const { host } = meta.process
  const name = workerOf(meta)
  return [name, host === '' ? name : `${host}/${name}`]
}

/**
 * Is it this worker: its number or process id, as lists have it, with or without its thread and its
 * host?
 */
export function isOfWorker({ process }: DumpMeta, worker: string): boolean {
  const own = `${process.host}/`
  const asked = (worker.startsWith(own) ? worker.slice(own.length) : worker).replace(/^pid /, '')
  const { workerId, pid } = process
  return [workerId || pid, pid].some(
    (known) => asked === String(known) || asked === withThread(known, process),
  )
}

// --- internal ---

type ThreadOf = DumpMeta['process']

function withThread(known: number, { threadId }: ThreadOf): string {
  return threadId > 0 ? `${known}.${threadId}` : String(known)
}
