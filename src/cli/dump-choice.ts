/** Which dumps of a directory are listed, and in which order. */
import { type Command, Option } from 'commander'
import { ACCOUNTS, type Account } from '../profile/accounts.js'
import { routeOf, titleOf } from '../profile/labels.js'
import type { DumpMeta } from '../profile/profile.js'
import type { DumpEntry } from '../store/dump-list.js'
import { parseCount } from './command.js'

export interface DumpChoice {
  readonly route?: string
  readonly sort?: SortKey
  readonly limit?: number
}

export function addChoiceOptions(command: Command): void {
  command
    .addOption(
      new Option('--sort <by>', 'newest, slowest or most first').choices(KEYS).default('time'),
    )
    .option('--limit <count>', 'no more than so many', parseCount)
    .option('--route <route>', "only of this route, or job: 'GET /users/:id'")
}

/** Of dumps that are sorted by time; among equals the newer comes first. */
export function chosenDumps(
  entries: readonly DumpEntry[],
  { route, sort = 'time', limit }: DumpChoice,
): DumpEntry[] {
  const chosen = entries.filter(({ meta }) => route === undefined || namesOf(meta).includes(route))
  const weight = weightOf(sort)
  if (weight) chosen.sort((a, b) => weight(b.meta) - weight(a.meta))
  else if (sort === 'route') chosen.sort((a, b) => compare(titleOf(a.meta), titleOf(b.meta)))
  return chosen.slice(0, limit)
}

/** The routes and names of dumps by which they can be chosen, in order. */
export function routesOf(entries: readonly DumpEntry[]): string[] {
  const names = new Set(entries.flatMap(({ meta }) => namesOf(meta)))
  return [...names].sort()
}

// --- internal ---

const OTHER_KEYS = ['time', 'duration', 'queued', 'status', 'route'] as const
type SortKey = (typeof OTHER_KEYS)[number] | Account
const KEYS: readonly SortKey[] = [...OTHER_KEYS, ...ACCOUNTS]

/** A stall goes by whose it was. */
function namesOf(meta: DumpMeta): string[] {
  const names = [routeOf(meta), meta.name, meta.stall?.by?.[0]?.title]
  return names.filter((name) => name !== undefined && name !== null && name !== '') as string[]
}

function weightOf(key: SortKey): ((meta: DumpMeta) => number) | null {
  switch (key) {
    case 'time':
    case 'route':
      return null
    case 'duration':
      return ({ durationMicros }) => durationMicros
    case 'queued':
      return ({ queued }) => queued?.maxMicros ?? queued?.minMicros ?? 0
    case 'status':
      return ({ request }) => request?.status ?? 0
    default:
      return ({ ledger }) => ledger[key]
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
