import { ACCOUNT_INDEX } from '../profile/accounts.js'
import { PairTable } from '../profile/pair-table.js'
import type { Micros, Profile } from '../profile/profile.js'
import { accountOfStacks } from '../profile/stack-accounts.js'
import { type Culprit, culpritsOf, isUpTo } from './blame.js'
import { recordedIn } from './recorded-in.js'

/** What the requests of a route cost the others, as far as the others were profiled. */
export interface CostToOthers {
  /** `GET /report`, or `background`. */
  readonly culprit: string
  /** What this says is all foreign time of version 1, whether or not it delayed anybody. */
  readonly isForeign: boolean
  /** Waiting that it caused; several requests may have waited at the same time, and each counts. */
  readonly micros: Micros
  /** The part of it that is an upper bound. */
  readonly upToMicros: Micros
  /** Different requests that it held up. */
  readonly requests: number
  /**
   * Who waited, worst first. The culprit's own route may be among them: one request held up the
   * next.
   */
  readonly victims: readonly Victim[]
  /**
   * CPU time of the culprit's own requests in this profile; null where there are none. If others of
   * its requests were not profiled, they cost waiting that is in `micros` and CPU time that is not
   * here.
   */
  readonly ownCpuMicros: Micros | null
}

export interface Victim {
  /** '' where the profile does not say. */
  readonly route: string
  readonly micros: Micros
  readonly upToMicros: Micros
  readonly requests: number
}

/**
 * Who held up whom in a merged profile, worst culprit first. Samples tell by their labels `route`
 * and `request` whose they are; without labels they are those of the only dump in the profile.
 *
 *     f;[blocked];GET /b;g 5 {request=1, route=GET /a}, g 3 {request=2, route=GET /b}
 *     =  GET /b: 5 in 1 request, victims GET /a 5, own CPU 3
 *
 * Foreign time of version 1 that is apart from blocked time is a cost of its own.
 *
 * O(samples + stacks), no recursion.
 */
export function costsToOthers(profile: Profile): CostToOthers[] {
  const { all, ofStack } = culpritsOf(profile)
  const isBound = isUpTo(profile)
  const recordings = recordedIn(profile)
  const { stack, weight, labelSet } = profile.samples
  const accounts = accountOfStacks(profile)
  const ownCpu = new Map<string, Micros>()
  // Time of each pair of a culprit and a request.
  const pairs = new PairTable()
  const micros: number[] = []
  const upTo: number[] = []
  for (let i = 0; i < stack.length; i++) {
    if (weight[i] === 0) continue
    const recording = recordings.ofSet[labelSet[i]!]!
    const culprit = ofStack[stack[i]!]!
    if (culprit !== -1) {
      const pair = pairs.intern(culprit, recording)
      micros[pair] = (micros[pair] ?? 0) + weight[i]!
      upTo[pair] = (upTo[pair] ?? 0) + (isBound[labelSet[i]!] ? weight[i]! : 0)
    } else {
      const cpu = accounts[stack[i]!] === CPU ? weight[i]! : 0
      const { route } = recordings.all[recording]!
      ownCpu.set(route, (ownCpu.get(route) ?? 0) + cpu)
    }
  }
  const victims = all.map(() => new Map<string, Sums>())
  for (let pair = 0; pair < pairs.size; pair++) {
    const { route } = recordings.all[pairs.second.at(pair)]!
    const ofCulprit = victims[pairs.first.at(pair)]!
    const victim = ofCulprit.get(route) ?? { micros: 0, upToMicros: 0, requests: 0 }
    ofCulprit.set(route, victim)
    victim.micros += micros[pair]!
    victim.upToMicros += upTo[pair]!
    victim.requests++
  }
  return all
    .map((culprit, i) => costOf(culprit, victims[i]!, ownCpu.get(culprit.title) ?? null))
    .filter((cost) => cost.micros > 0)
    .sort(heaviestFirst((cost) => cost.culprit))
}

// --- internal ---

const CPU = ACCOUNT_INDEX.cpu

type Sums = { -readonly [Field in Exclude<keyof Victim, 'route'>]: Victim[Field] }

function costOf(
  { title, isForeign }: Pick<Culprit, 'title' | 'isForeign'>,
  victims: ReadonlyMap<string, Sums>,
  ownCpuMicros: Micros | null,
): CostToOthers {
  const sorted = [...victims]
    .map(([route, each]) => ({ route, ...each }))
    .sort(heaviestFirst((victim) => victim.route))
  return {
    culprit: title,
    isForeign,
    micros: sorted.reduce((sum, each) => sum + each.micros, 0),
    upToMicros: sorted.reduce((sum, each) => sum + each.upToMicros, 0),
    requests: sorted.reduce((sum, each) => sum + each.requests, 0),
    victims: sorted,
    ownCpuMicros,
  }
}

function heaviestFirst<Row extends { readonly micros: Micros }>(nameOf: (row: Row) => string) {
  return (a: Row, b: Row) => b.micros - a.micros || (nameOf(a) < nameOf(b) ? -1 : 1)
}
