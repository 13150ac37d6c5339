import { printable } from '../printable.js'
import { ACCOUNTS, type Account } from '../profile/accounts.js'
import { statusOf, titleOf, workerNames, workerOf } from '../profile/labels.js'
import type { Micros } from '../profile/profile.js'
import { boundsOf, boundsText } from '../render/bounds.js'
import { duration, moment, percent } from '../render/measure.js'
import { queuedOf } from '../render/queued.js'
import { styleFor } from '../render/style.js'
import { type Column, tableLines } from '../render/table.js'
import type { DumpEntry } from '../store/dump-list.js'
import { shortIds } from '../store/short-ids.js'
import type { Session } from './session.js'
import { stallColumns } from './stall-columns.js'

/**
 * Dumps as `profview list` shows them, with ids that tell them apart from `all` of their directory;
 * where all are of stalls, what is told of those.
 */
export function dumpLines(
  entries: readonly DumpEntry[],
  session: Session,
  all = entries,
): Iterable<string> {
  const { io, screen } = session
  const style = styleFor(screen)
  const ids = shortIds(all)
  const isStalls = entries.every(({ meta }) => meta.kind === 'stall')
  const own = isStalls
    ? stallColumns(entries, io.cwd)
    : columnsFor(entries, screen.unicode ? ['≤', '–'] : ['<=', '-'])
  const id = { head: 'id', text: (entry: DumpEntry) => printable(ids.get(entry)!) }
  const columns = [id, whenColumn(entries), ...own, workerColumn(entries), FILE]
  return tableLines(columns, entries, style.width, style)
}

// --- internal ---

/** On a narrow terminal what names no part of the answer goes first. */
const DROPPED = { file: 0, worker: 1, accounts: 2, status: 10, when: 11, queued: 12 } as const

const FILE: Column<DumpEntry> = {
  head: 'file',
  text: ({ file }) => printable(file),
  dropped: DROPPED.file,
}

/** Briefly, the time of day of dumps that are all of one day. */
function whenColumn(entries: readonly DumpEntry[]): Column<DumpEntry> {
  const isOneDay = new Set(entries.map(({ meta }) => meta.startedAt.slice(0, 10))).size < 2
  const [from, to] = isOneDay ? [11, 19] : [5, 16]
  const brief = ({ meta }: DumpEntry) => meta.startedAt.slice(from, to).replace('T', ' ')
  return {
    head: 'when',
    text: ({ meta }) => moment(meta.startedAt),
    brief: { head: 'UTC', text: brief },
    dropped: DROPPED.when,
  }
}

function workerColumn(entries: readonly DumpEntry[]): Column<DumpEntry> {
  const names = workerNames(entries, ({ meta }) => meta)
  return {
    head: 'worker',
    text: (entry) => workerText(entry, names.get(entry)!),
    right: true,
    dropped: DROPPED.worker,
  }
}

/** `≤55%`, `8–55%`: with signs for the words. */
function columnsFor(
  entries: readonly DumpEntry[],
  [upTo, to]: readonly [upTo: string, to: string],
): Column<DumpEntry>[] {
  const briefly = (text: string) =>
    text
      .replace(/^(up to|<\S+ to) /, upTo)
      .replace(' to ', to)
      .replace(' %', '%')
  const queued: Column<DumpEntry> = {
    head: 'queued',
    text: queuedText,
    brief: { head: 'queued', text: (entry) => briefly(queuedText(entry)) },
    right: true,
    dropped: DROPPED.queued,
  }
  const isQueued = entries.some((entry) => queuedText(entry) !== '')
  return [
    { head: 'request', text: ({ meta }) => printable(titleOf(meta)), shortest: 20 },
    { head: 'status', text: ({ meta }) => statusOf(meta), right: true, dropped: DROPPED.status },
    // What explains a slow request as no share can: it goes after them.
    ...(isQueued ? [queued] : []),
    { head: 'duration', text: ({ meta }) => duration(meta.durationMicros), right: true },
    ...accountColumns(entries, briefly),
  ]
}

/** Of those that these have in every list, and others in which they have any time. */
const IN_EVERY_LIST: readonly Account[] = ['cpu', 'await', 'blocked']
const IN_NONE: readonly Account[] = ['gc', 'unknown']

/** Where there is no room, the account goes that has least of all their time. */
function accountColumns(
  entries: readonly DumpEntry[],
  briefly: (text: string) => string,
): Column<DumpEntry>[] {
  const sums = new Map(
    ACCOUNTS.filter((account) => !IN_NONE.includes(account)).map((account) => [
      account,
      entries.reduce((sum, { meta }) => sum + meta.ledger[account], 0),
    ]),
  )
  const least = [...sums.keys()].sort((a, b) => sums.get(a)! - sums.get(b)!)
  return [...sums.keys()]
    .filter((account) => sums.get(account)! > 0 || IN_EVERY_LIST.includes(account))
    .map((account) => ({
      head: account,
      text: (entry: DumpEntry) => shareOf(entry, account),
      brief: { head: account, text: (entry: DumpEntry) => briefly(shareOf(entry, account)) },
      right: true,
      dropped: DROPPED.accounts + least.indexOf(account),
    }))
}

function shareOf({ meta }: DumpEntry, account: Account): string {
  const write = (micros: Micros) => percent(micros / (meta.durationMicros || 1))
  const upToMicros = account === 'blocked' ? meta.blockedUpToMicros : 0
  return boundsText(boundsOf(meta.ledger[account], upToMicros), write)
}

/** `up to 258 ms`: before the duration, and no part of it. */
function queuedText({ meta }: DumpEntry): string {
  const bounds = queuedOf(meta)
  return bounds === null ? '' : boundsText(bounds)
}

function workerText({ meta }: DumpEntry, name: string): string {
  return name === workerOf(meta) && meta.process.workerId === 0 ? `pid ${name}` : printable(name)
}
