import { LabelSets } from '../profile/label-sets.js'
import {
  namesOf,
  REQUEST_LABEL,
  ROUTE_LABEL,
  routeOf,
  WORKER_LABEL,
  workerNames,
  workerOf,
} from '../profile/labels.js'
import type { Labels, Profile } from '../profile/profile.js'
import { movedWaits } from '../profile/wait-counts.js'
import { sameStacks } from './pass.js'

/**
 * Says on every sample where it comes from: `worker`, `route` and `request` of the one dump that
 * the profile is. Labels that are there stay. A profile of no dump, or of several, comes back as it
 * is, and so does one without a timeline: it is a merge, and what it has no labels for is not the
 * dump's.
 *
 *     main 3  →  main 3 {request=2026…, route=GET /x, worker=2}
 */
export function labelSource(profile: Profile): Profile {
  const [source] = profile.sources
  if (source === undefined || profile.sources.length > 1 || !profile.timeline) return profile
  const facts = new Map([
    [WORKER_LABEL, workerOf(source)],
    [REQUEST_LABEL, source.id],
  ])
  if (routeOf(source) !== '') facts.set(ROUTE_LABEL, routeOf(source))
  if (
    profile.labelSets.every((labels, i) => i === 0 || hasAll(labels, facts)) &&
    !usesNoLabels(profile)
  ) {
    return profile
  }
  return addLabels(profile, facts)
}

/** Says more about every sample and wait. Labels that are there stay. */
export function addLabels(profile: Profile, facts: Labels): Profile {
  return facts.size === 0 ? profile : addLabelsBy(profile, () => facts)
}

/** The same, by the labels that are there. */
export function addLabelsBy(profile: Profile, factsOf: (labels: Labels) => Labels): Profile {
  const merged = new LabelSets()
  const labelSetOf = profile.labelSets.map((labels) => {
    return merged.intern([...factsOf(labels), ...labels])
  })
  const labelSet = profile.samples.labelSet.map((set) => labelSetOf[set]!)
  const waits = movedWaits(profile.waits, profile, sameStacks(profile), labelSetOf)
  return { ...profile, labelSets: merged.sets, samples: { ...profile.samples, labelSet }, waits }
}

/**
 * Workers are called what they are among the profile's sources, whatever they were called in the
 * profiles that it is made of. What else somebody has called them stays.
 */
export function nameWorkers(profile: Profile): Profile {
  const names = workerNames(profile.sources, (source) => source)
  const sources = new Map(profile.sources.map((source) => [source.id, source]))
  const labelSets = profile.labelSets.map((labels) => {
    const source = sources.get(labels.get(REQUEST_LABEL) ?? '')
    const [old, name] = [labels.get(WORKER_LABEL), source && names.get(source)]
    const isOurs = source !== undefined && old !== undefined && namesOf(source).includes(old)
    return isOurs && old !== name ? new Map([...labels, [WORKER_LABEL, name!]]) : labels
  })
  return labelSets.every((labels, i) => labels === profile.labelSets[i])
    ? profile
    : { ...profile, labelSets }
}

// --- internal ---

function hasAll(labels: Labels, facts: Labels): boolean {
  for (const name of facts.keys()) if (!labels.has(name)) return false
  return true
}

function usesNoLabels({ samples, waits }: Profile): boolean {
  return samples.labelSet.includes(0) || waits.some(({ labelSet }) => labelSet === 0)
}
