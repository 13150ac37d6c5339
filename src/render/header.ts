import { entryNoun } from '../analysis/sampling.js'
import { printable } from '../printable.js'
import { ACCOUNTS, type Account } from '../profile/accounts.js'
import { blockedParts } from '../profile/blocked-name.js'
import { ROOT_STACK } from '../profile/builder.js'
import { entryCount, totalWeight } from '../profile/calltree.js'
import {
  routeOf,
  statusOf,
  threadText,
  titleOf as titleInLists,
  workerNames,
} from '../profile/labels.js'
import { addLedgers, sumOfLedger } from '../profile/ledger.js'
import type { DumpMeta, Ledger, Profile } from '../profile/profile.js'
import { boundsOf, boundsText } from './bounds.js'
import { amount, counted, duration, interval, moment, percent } from './measure.js'
import { nounFor } from './names.js'
import { queuedIn, queuedLine } from './queued.js'
import { warningLines } from './warning-lines.js'

/** The facts about a profile, as the head of every report shows them. All texts are printable. */
export interface Header {
  /** `GET /users/:id`, or how many of what. */
  readonly title: string
  /** `200`, `200 aborted`, '' */
  readonly status: string
  /** The sum of all samples. */
  readonly total: string
  /** One fact each: when, which worker, which Node, how many samples. */
  readonly facts: readonly string[]
  /** `queued up to 258 ms before these 13.0 ms`: no part of the total; '' where it is not much. */
  readonly queued: string
  /** Null where no part of the profile is a recording of ours. */
  readonly ledger: Ledger | null
  readonly warnings: readonly string[]
}

export function headerOf(profile: Profile): Header {
  const { sources } = profile
  const [source] = sources
  const total = amount(totalWeight(profile), profile.unit)
  const warnings = warningLines(profile)
  if (sources.length === 1) warnings.push(...lost(source!), ...disagreements(profile, source!))
  const queued = queuedIn(sources)
  const base = {
    total,
    queued: queued === null ? '' : queuedLine(queued),
    ledger: sumLedgers(sources),
    warnings,
  }
  if (!source) {
    const isCounted = profile.unit !== 'samples' && entryNoun(profile) === 'samples'
    const facts = isCounted ? [counted(entryCount(profile), 'sample')] : meaningOf(profile)
    return { ...base, title: printable(profile.name), status: '', facts }
  }
  if (sources.length > 1)
    return {
      ...base,
      title: titleOfMany(sources, profile),
      status: '',
      facts: factsOfMany(sources),
    }
  return {
    ...base,
    title: titleOf(source, profile),
    status: statusOf(source),
    facts: factsOf(source),
  }
}

export interface LedgerEntry {
  readonly account: Account
  /** `cpu`; of blocked time what it is called in these dumps. */
  readonly name: string
  /** `61.2 ms`, `up to 61.2 ms` */
  readonly time: string
  readonly share: string
}

/** The accounts of recordings that have time, in the order in which they are shown. */
export function ledgerEntries(sources: readonly DumpMeta[]): LedgerEntry[] {
  const ledger = sumLedgers(sources)
  if (ledger === null) return []
  const whole = sumOfLedger(ledger) || 1
  const upToMicros = sources.reduce((sum, each) => sum + each.blockedUpToMicros, 0)
  return ACCOUNTS.filter((account) => ledger[account] !== 0).flatMap((account) => {
    const own = { name: account, micros: ledger[account] }
    const parts = account === 'blocked' ? blockedParts(sources) : [own]
    return parts.map(({ name, micros }) => {
      const bounds = boundsOf(micros, name === 'blocked' ? upToMicros : 0)
      return { account, name, time: boundsText(bounds), share: percent(micros / whole) }
    })
  })
}

/** The accounts of several recordings together; null for none. */
export function sumLedgers(sources: readonly DumpMeta[]): Ledger | null {
  return sources.length === 0 ? null : addLedgers(sources.map(({ ledger }) => ledger))
}

/** True if there is nothing to show below the head. */
export function isEmpty(profile: Profile): boolean {
  return profile.samples.stack.length === 0 || profile.stacks.frame.length === ROOT_STACK
}

// --- internal ---

function lost({ dropped }: DumpMeta): string[] {
  return dropped > 0 ? [`${counted(dropped, 'sample')} lost`] : []
}

/** Where a dump's samples or its accounts say otherwise than the dump. */
function disagreements(profile: Profile, { durationMicros, ledger }: DumpMeta): string[] {
  if (!profile.timeline || profile.unit !== 'microseconds') return []
  const told = [
    { what: 'samples', micros: totalWeight(profile) },
    { what: 'accounts', micros: sumOfLedger(ledger) },
  ]
  return told
    .filter(({ micros }) => micros !== durationMicros)
    .map(({ what, micros }) => {
      return `its ${what} add up to ${duration(micros)}, not to its ${duration(durationMicros)}`
    })
}

/** What the numbers are, where they may be taken for what they are not. */
function meaningOf({ unit }: Profile): string[] {
  const meaning = MEANINGS[unit]
  return meaning === undefined ? [] : [meaning]
}

const MEANINGS: Partial<Record<Profile['unit'], string>> = {
  bytes: 'bytes, not time',
  counts: 'counts, not time',
  delay: 'time waited, of all threads together; nothing ran in it',
}

function titleOf(source: DumpMeta, profile: Profile): string {
  if (source.kind === 'stall') return printable(titleInLists(source))
  return printable(routeOf(source) || profile.name || source.kind)
}

function factsOf(source: DumpMeta): string[] {
  const { node } = source.process
  const nodeVersion = node === '' ? [] : [`Node ${node.replace(/^v/, '')}`]
  const samples = `${counted(source.samples, 'sample')}, one every ${interval(source.intervalMicros)}`
  const facts = [moment(source.startedAt), threadText(source.process), ...nodeVersion, samples]
  // Said in full where it is not what people expect: then other requests are in here as well.
  facts.push(samplesOf(source))
  return facts.map((fact) => printable(fact))
}

function samplesOf({ kind, attribution }: DumpMeta): string {
  if (attribution === 'process') return 'samples of the whole process'
  if (kind === 'stall') return 'all that had the loop, by request'
  return kind === 'process' ? 'the whole process, by request' : 'own samples only'
}

function titleOfMany(sources: readonly DumpMeta[], { name }: Profile): string {
  const routes = new Set(sources.map(routeOf))
  const what = counted(sources.length, nounFor(sources))
  if (nounFor(sources) === 'stall') return what
  return routes.size === 1
    ? printable(`${[...routes][0] || name} (${what})`)
    : `${what}, ${counted(routes.size, 'route')}`
}

function factsOfMany(sources: readonly DumpMeta[]): string[] {
  const workers = new Set(workerNames(sources, (source) => source).values())
  let from = sources[0]!.startedAt
  let to = from
  let samples = 0
  for (const { startedAt, samples: own } of sources) {
    if (startedAt < from) from = startedAt
    if (startedAt > to) to = startedAt
    samples += own
  }
  const facts = [
    `${moment(from)} to ${moment(to)}`,
    counted(workers.size, 'worker'),
    counted(samples, 'sample'),
  ]
  if (sources.some(({ attribution }) => attribution === 'process'))
    facts.push('some samples of whole processes')
  return facts.map((fact) => printable(fact))
}
