import { holdersOf } from '../../analysis/holders.js'
import { recordedIn } from '../../analysis/recorded-in.js'
import type { Account } from '../../profile/accounts.js'
import { ROOT_STACK } from '../../profile/builder.js'
import type { Micros, Profile, StackIndex } from '../../profile/profile.js'
import { finish, type Steps } from '../../profile/steps.js'
import { isAlmostAll, mostOf } from '../bounds.js'
import { isEmpty } from '../header.js'
import { inRequests } from '../names.js'
import { type Locate, locatorFor } from '../paths.js'
import { queuedIn, queuedSentence } from '../queued.js'
import { isStall, stallText } from '../stall.js'
import { type Candidate, type Facts, type FindingKind, factsOf } from './candidates.js'
import { cpuCandidate } from './cpu-candidate.js'
import { offCpuCandidate } from './offcpu-candidate.js'
import {
  blockedCandidates,
  gcCandidate,
  profilerCandidate,
  unknownCandidate,
  waitCandidates,
} from './time-candidates.js'

/** One thing to know about a profile, as a sentence. */
export interface Finding {
  readonly kind: FindingKind
  /**
   * `Waiting: 380 of 812 ms on TCP 127.0.0.1:5432, from loadUser (src/users.ts:42).`; printable.
   */
  readonly text: string
  /** The place in the profile to look at; the root where there is none. */
  readonly stack: StackIndex
  readonly micros: Micros
}

/**
 * What stands out in a profile: of stalls whose they were; before all others our own work, which
 * makes the rest less sure; how long it was queued, which is not part of it; and at most three
 * sentences about its time, the longest first. Each is of at least a tenth of all; one says so
 * where nothing is. Waits and blocked time are measured and have no ±; where CPU time went is told
 * by samples and has their error (95 %, `wilson`). A foreign profile knows no waits but idleness,
 * and what its engine could not name is no hot spot. None for a profile that is empty or does not
 * count time. The profile is the whole one, not folded or pruned.
 */
export function findingsOf(profile: Profile, locate: Locate = locatorFor(profile, '')): Finding[] {
  return finish(findingSteps(profile, locate))
}

/** The same, a part of the work at a time. */
export function* findingSteps(profile: Profile, locate: Locate): Steps<Finding[]> {
  if (isEmpty(profile) || profile.unit !== 'microseconds') return []
  const facts = yield* factsOf(profile, locate)
  const found = (candidates: Candidate[]) =>
    candidates
      .filter(({ micros }) => micros > 0 && micros >= facts.least)
      .sort((a, b) => b.micros - a.micros)
      .slice(0, MOST)
      .map(({ kind, stack, micros, textIn, covers }): Finding => {
        return { kind, text: textIn(inRequestsOf(profile, covers)), stack, micros }
      })
  const others: Candidate[] = []
  const stalled = stallFinding(profile, locate)
  for (const candidatesOf of Object.values(CANDIDATES)) {
    // Whose it was, and where, has been said; that nothing is known of it, too.
    const isSaid = candidatesOf === (isUnknown(profile) ? CANDIDATES.unknown : CANDIDATES.cpu)
    if (stalled.length > 0 && isSaid) continue
    others.push(...candidatesOf(facts))
    yield
  }
  const ours = found(profilerCandidate(facts))
  const all = [...stalled, ...ours, ...queuedFinding(profile, locate), ...found(others)]
  return all.length > 0 ? all : [NOTHING]
}

// --- internal ---

type CandidatesOf = (facts: Facts) => Candidate[]

const MOST = 3
/** What there may be to say about each account's time; of equal times the first comes first. */
const CANDIDATES: Readonly<Record<Exclude<Account, 'profiler'>, CandidatesOf>> = {
  await: waitCandidates,
  blocked: blockedCandidates,
  cpu: cpuCandidate,
  gc: gcCandidate,
  offcpu: offCpuCandidate,
  unknown: unknownCandidate,
}
const NOTHING: Finding = { kind: 'none', text: 'Nothing stands out.', stack: ROOT_STACK, micros: 0 }

function stallFinding(profile: Profile, locate: Locate): Finding[] {
  if (!isStall(profile.sources)) return []
  const { stack = ROOT_STACK, micros = 0, hotspot = null } = holdersOf(profile)[0] ?? {}
  const text = `${stallText(profile, locate)}.`
  return [{ kind: 'stall', text, stack: hotspot?.stack ?? stack, micros }]
}

function isUnknown({ sources }: Profile): boolean {
  return sources.every(({ ledger, durationMicros }) => isAlmostAll(ledger.unknown, durationMicros))
}

/** Before what it waited for later, as it was. */
function queuedFinding({ sources }: Profile, locate: Locate): Finding[] {
  const queued = queuedIn(sources)
  if (queued === null) return []
  const text = queuedSentence(queued, locate)
  return [{ kind: 'queued', text, stack: ROOT_STACK, micros: mostOf(queued.bounds) }]
}

/** `, in 38 of 41 requests`; '' for a single one. */
function inRequestsOf(profile: Profile, covers: (stack: StackIndex) => boolean): string {
  const { samples, sources } = profile
  if (sources.length < 2) return ''
  const { ofSet } = recordedIn(profile)
  const seen = new Set<number>()
  for (let i = 0; i < samples.stack.length; i++) {
    if (samples.weight[i] !== 0 && covers(samples.stack[i]!)) seen.add(ofSet[samples.labelSet[i]!]!)
  }
  return inRequests(seen.size, sources)
}
