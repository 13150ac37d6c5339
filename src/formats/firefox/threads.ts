import { Float64Column, Int32Column } from '../../profile/columns.js'
import {
  partName,
  REQUEST_LABEL,
  WORKER_LABEL,
  workerNames,
  workerOf,
} from '../../profile/labels.js'
import type { DumpMeta, Labels, Profile } from '../../profile/profile.js'
import { renamed, sortByKey } from '../../profile/sorted.js'

/** A worker's samples on its axis of time; equal stacks of one request in a row are one run. */
export interface FirefoxThread {
  readonly worker: string
  /** '' where the profile has only one. */
  readonly title: string
  /** Of the worker's process, '' where nobody knows. */
  readonly pid: string
  readonly stack: Int32Column
  readonly weight: Float64Column
  readonly start: Float64Column
  /** Of each run, the index of its request in `requests`. */
  readonly request: Int32Column
  /** Ids; '' for what belongs to none. */
  readonly requests: string[]
  end: number
}

/**
 * One thread for each worker. Samples of a timeline keep their times. Merged samples have none: a
 * worker's are laid end to end, request after request.
 *
 *     a 1 {request=1}, b 2 {request=2}, c 3 {request=1}  =  a 0–1, c 1–4, b 4–6
 */
export function threadsOf(profile: Profile): FirefoxThread[] {
  const { stack, weight, labelSet } = profile.samples
  const { threads, origins, originOf } = originsOf(profile)
  const originOfSample = renamed(labelSet, originOf)
  const order = profile.timeline ? null : sortByKey(originOfSample, origins.length).order
  let time = 0
  for (let at = 0; at < stack.length; at++) {
    const i = order === null ? at : order[at]!
    if (weight[i] === 0) continue
    const { thread, request } = origins[originOfSample[i]!]!
    const start = profile.timeline ? time : thread.end
    time = start + Math.abs(weight[i]!)
    append(thread, stack[i]!, weight[i]!, start, request)
    thread.end = time
  }
  const used = threads.filter((thread) => thread.stack.length > 0)
  return used.length > 0 ? used : threads.slice(0, 1)
}

export function endOfRun({ start, weight }: FirefoxThread, run: number): number {
  // What a difference takes away has its place on the axis as well.
  return start.at(run) + Math.abs(weight.at(run))
}

// --- internal ---

/** Of which thread and request the samples of a label set are. */
interface Origin {
  readonly thread: FirefoxThread
  readonly request: number
}

function originsOf(profile: Profile) {
  const threads = new Map<string, FirefoxThread>()
  const origins: Origin[] = []
  const indexes = new Map<string, number>()
  const names = workerNames(profile.sources, (source) => source)
  const pids = new Map([...names].map(([meta, name]) => [name, String(meta.process.pid)]))
  const [only] = profile.timeline && profile.sources.length === 1 ? profile.sources : []
  const originOf = profile.labelSets.map((labels) => {
    const { worker, title, request } = namesOf(labels, only)
    let thread = threads.get(worker)
    if (thread === undefined) {
      thread = newThread(worker, title, pids.get(worker) ?? '')
      threads.set(worker, thread)
    }
    const key = `${worker.length}:${worker}${request}`
    let index = indexes.get(key)
    if (index === undefined) {
      index = origins.push({ thread, request: thread.requests.push(request) - 1 }) - 1
      indexes.set(key, index)
    }
    return index
  })
  return { threads: [...threads.values()], origins, originOf }
}

/** Without labels, the samples are those of the one dump that the profile is. */
function namesOf(labels: Labels, only: DumpMeta | undefined) {
  const known = labels.get(WORKER_LABEL) ?? (only ? workerOf(only) : null)
  // Of a profile that is not ours: what ran beside each other has an axis each.
  const worker = known ?? partName(labels)
  const title = known ? `worker ${known}` : worker
  return { worker, title, request: labels.get(REQUEST_LABEL) ?? only?.id ?? '' }
}

function newThread(worker: string, title: string, pid: string): FirefoxThread {
  return {
    worker,
    title,
    pid,
    stack: new Int32Column(),
    weight: new Float64Column(),
    start: new Float64Column(),
    request: new Int32Column(),
    requests: [],
    end: 0,
  }
}

function append(
  thread: FirefoxThread,
  stack: number,
  weight: number,
  start: number,
  request: number,
): void {
  const last = thread.stack.length - 1
  const goesOn =
    last >= 0 &&
    thread.stack.at(last) === stack &&
    thread.request.at(last) === request &&
    thread.weight.at(last) > 0 === weight > 0 &&
    thread.end === start
  if (goesOn) {
    thread.weight.set(last, thread.weight.at(last) + weight)
    return
  }
  thread.stack.push(stack)
  thread.weight.push(weight)
  thread.start.push(start)
  thread.request.push(request)
}
