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
import type { Session } from './session.js'
import { stallColumns } from './stall-columns.js'

/** Dumps as `profview list` shows them; where all are of stalls, what is told of those. */
export function dumpLines(entries: readonly DumpEntry[], session: Session): Iterable<string> {
  const width = session.io.stdout.isTTY ? session.io.stdout.columns : 0
  const isStalls = entries.every(({ meta }) => meta.kind === 'stall')
  const own = isStalls ? stallColumns(entries, session.io.cwd) : columnsFor(entries)
  const columns = [...own, workerColumn(entries), FILE]
  return tableLines(columns, entries, width ?? 0, styleFor(session.screen).dim)
}

// --- internal ---

/** Which accounts have a column, and in which order those go where there is no room. */
const DROPPED: Readonly<Record<Account, number | null>> = {
  cpu: 4,
  gc: null,
  offcpu: 1,
  await: 3,
  blocked: 2,
  profiler: 5,
  unknown: null,
}

/** Those of which no dump has anything have no column. */
function columnsFor(entries: readonly DumpEntry[]): readonly Column<DumpEntry>[] {
  const isEmpty: Readonly<Record<string, boolean>> = {
    queued: entries.every((entry) => queuedText(entry) === ''),
    offcpu: entries.every(({ meta }) => meta.ledger.offcpu === 0),
    profiler: entries.every(({ meta }) => meta.ledger.profiler === 0),
  }
  return COLUMNS.filter(({ head }) => isEmpty[head] !== true)
}

function workerColumn(entries: readonly DumpEntry[]): Column<DumpEntry> {
  const names = workerNames(entries, ({ meta }) => meta)
  return {
    head: 'worker',
    text: (entry) => workerText(entry, names.get(entry)!),
    right: true,
    dropped: 7,
  }
}

const FILE: Column<DumpEntry> = { head: 'file', text: ({ file }) => printable(file) }

const COLUMNS: readonly Column<DumpEntry>[] = [
  { head: 'when', text: ({ meta }) => moment(meta.startedAt), dropped: 9 },
  { head: 'request', text: ({ meta }) => printable(titleOf(meta)), shortest: 16 },
  { head: 'status', text: ({ meta }) => statusOf(meta), right: true, dropped: 8 },
  // What explains a slow request as no share can: it goes after them.
  { head: 'queued', text: queuedText, right: true, dropped: 6 },
  { head: 'duration', text: ({ meta }) => duration(meta.durationMicros), right: true },
  ...accountColumns(),
]

function accountColumns(): Column<DumpEntry>[] {
  return ACCOUNTS.flatMap((account) => {
    const dropped = DROPPED[account]
    if (dropped === null) return []
    return [{ head: account, text: (entry) => shareOf(entry, account), right: true, dropped }]
  })
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
