import { Float64Column, Int32Column } from '../profile/columns.js'
import type { Kind } from '../profile/kinds.js'
import {
  isOfWorker,
  PART_LABELS,
  REQUEST_LABEL,
  ROUTE_LABEL,
  routeOf,
  WORKER_LABEL,
  workerNames,
} from '../profile/labels.js'
import type { DumpMeta, Labels, Profile } from '../profile/profile.js'
import { labelSource } from './label-source.js'
import { type Passed, unchanged } from './pass.js'
import { onUsedStacks } from './used-stacks.js'

/** Which recordings are meant; what is left out does not matter. */
export interface RecordingFilter {
  /** `GET /users/:id` */
  readonly route?: string
  /**
   * The cluster's number of the worker, or a process id; `2.1`: thread 1 of it only. Where the
   * profile is not ours, also a file, a thread or a profile, as its labels have it.
   */
  readonly worker?: string
  readonly kind?: Kind
}

/** Is this the recording of such a request? */
export function isMeant(meta: DumpMeta, { route, worker, kind }: RecordingFilter): boolean {
  if (kind !== undefined && meta.kind !== kind) return false
  if (route !== undefined && routeOf(meta) !== route) return false
  return worker === undefined || isOfWorker(meta, worker)
}

/** The same, or a process of which a part is. */
export function holdsMeant(meta: DumpMeta, { route, ...rest }: RecordingFilter): boolean {
  if (isMeant(meta, route === undefined ? rest : { route, ...rest })) return true
  return rest.kind === 'process' && meta.attribution === 'request' && isMeant(meta, rest)
}

/**
 * The samples of the recordings that are meant, by their labels, and the sources that belong to
 * them. The time of the others is gone; so is the timeline, unless nothing was taken away.
 *
 *     main;a 3 {route=GET /x}, main;b 2 {route=GET /y}   for GET /x
 *     =  main;a 3 {route=GET /x}
 */
export function filterRecordings(profile: Profile, filter: RecordingFilter): Passed {
  const labelled = labelSource(profile)
  const sources = labelled.sources.filter((source) => isMeant(source, filter))
  // A process id is no label: the workers that carry it are.
  const names = workerNames(labelled.sources, (source) => source)
  const workers = new Set(sources.map((source) => names.get(source)!))
  if (filter.worker !== undefined) workers.add(filter.worker.replace(/^pid /, ''))
  const ids = new Set(sources.map(({ id }) => id))
  const { kind } = filter
  // In a dump every sample is of its kind, whatever its labels say.
  const isOfKind = labelled.sources.length > 0 && labelled.sources.every((of) => of.kind === kind)
  const isWanted = (labels: Labels) => {
    const isOther = kind !== undefined && !isOfKind
    if (isOther && !ids.has(labels.get(REQUEST_LABEL) ?? '')) return false
    if (filter.route !== undefined && labels.get(ROUTE_LABEL) !== filter.route) return false
    return filter.worker === undefined || isPartOf(labels, workers)
  }
  const kept = filterSamples(labelled, isWanted)
  if (kept.profile === labelled && sources.length === labelled.sources.length) return kept
  // The part of a process that is of a route is no recording, and has its name only.
  const name = sources.length === 0 && filter.route ? filter.route : kept.profile.name
  return { ...kept, profile: { ...kept.profile, name, sources } }
}

/** The samples and waits whose labels `keep` accepts, on the stacks that they need. */
export function filterSamples(profile: Profile, keep: (labels: Labels) => boolean): Passed {
  const kept = profile.labelSets.map(keep)
  const { samples } = profile
  const stack = new Int32Column()
  const weight = new Float64Column()
  const labelSet = new Int32Column()
  for (let i = 0; i < samples.stack.length; i++) {
    if (!kept[samples.labelSet[i]!]) continue
    stack.push(samples.stack[i]!)
    weight.push(samples.weight[i]!)
    labelSet.push(samples.labelSet[i]!)
  }
  // Waits have the labels of their recording.
  const waits = profile.waits.filter((wait) => kept[wait.labelSet])
  if (stack.length === samples.stack.length && waits.length === profile.waits.length) {
    return unchanged(profile)
  }
  return onUsedStacks({
    ...profile,
    timeline: false,
    samples: { stack: stack.finish(), weight: weight.finish(), labelSet: labelSet.finish() },
    waits,
  })
}

// --- internal ---

/** `4711` is all threads of it. */
function isPartOf(labels: Labels, meant: ReadonlySet<string>): boolean {
  return PART_LABELS.some((name) => {
    const own = labels.get(name) ?? ''
    return meant.has(own) || (name === WORKER_LABEL && meant.has(own.replace(/\.\d+$/, '')))
  })
}
