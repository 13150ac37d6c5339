import { asWritten } from '../../formats/shared/dump-meta-check.js'
import { printable } from '../../printable.js'
import { ACCOUNTS, type Account } from '../../profile/accounts.js'
import { statusOf, titleOf, workerNames, workerOf } from '../../profile/labels.js'
import type { Micros } from '../../profile/profile.js'
import { boundsOf, boundsText } from '../../render/bounds.js'
import { manyOf } from '../../render/kinds.js'
import { duration, moment, percent } from '../../render/measure.js'
import { queuedOf } from '../../render/queued.js'
import { styleFor } from '../../render/style.js'
import { type Column, tableLines } from '../../render/table.js'
import { type DumpEntry, listDumps } from '../../store/dump-list.js'
import type { DefineCommand } from '../command.js'
import { addKindOption, EVERYTHING, type KindChoice } from '../kind-option.js'
import type { Session } from '../session.js'

export const defineList: DefineCommand = (program, session) => {
  const command = program
    .command('list')
    .description('the dumps of a directory, newest first')
    .argument('[dir]', 'directory of dumps', session.io.env.PROFVIEW_DIR || 'profiles')
    .option('--json', 'the $profview objects of the dumps, with their files')
  addKindOption(command, EVERYTHING)
  command.action((dir: string, options: ListOptions) => list(dir, options, session))
}

// --- internal ---

interface ListOptions {
  readonly json?: boolean
  readonly kind?: KindChoice
}

async function list(dir: string, options: ListOptions, session: Session): Promise<void> {
  const { json, kind = 'all' } = options
  const all = listDumps(dir, (file, reason) => {
    session.problem(`${printable(file)}: ${reason}`)
  })
  const entries = all.filter(({ meta }) => kind === 'all' || meta.kind === kind)
  const what = kind === 'all' ? 'dumps' : manyOf(kind)
  if (json) await session.out.json(jsonChunks(entries))
  else if (entries.length > 0) await session.out.lines(lines(entries, session))
  else if (session.exitCode === 0) session.note(`no ${what} in ${printable(dir)}`)
}

function* jsonChunks(entries: readonly DumpEntry[]): Generator<string> {
  let separator = '['
  for (const { file, meta, waits } of entries) {
    const facts = asWritten(meta, meta.version === 1 ? undefined : waits)
    yield separator + JSON.stringify({ ...facts, file })
    separator = ',\n'
  }
  yield entries.length === 0 ? '[]\n' : ']\n'
}

function lines(entries: readonly DumpEntry[], session: Session): Iterable<string> {
  const columns = session.io.stdout.isTTY ? session.io.stdout.columns : 0
  return tableLines(columnsFor(entries), entries, columns ?? 0, styleFor(session.screen).dim)
}

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
  const names = workerNames(entries, ({ meta }) => meta)
  const worker: Column<DumpEntry> = {
    head: 'worker',
    text: (entry) => workerText(entry, names.get(entry)!),
    right: true,
    dropped: 7,
  }
  return COLUMNS.filter(({ head }) => isEmpty[head] !== true).toSpliced(-1, 0, worker)
}

const COLUMNS: readonly Column<DumpEntry>[] = [
  { head: 'when', text: ({ meta }) => moment(meta.startedAt), dropped: 9 },
  { head: 'request', text: ({ meta }) => printable(titleOf(meta)), shortest: 16 },
  { head: 'status', text: ({ meta }) => statusOf(meta), right: true, dropped: 8 },
  // What explains a slow request as no share can: it goes after them.
  { head: 'queued', text: queuedText, right: true, dropped: 6 },
  { head: 'duration', text: ({ meta }) => duration(meta.durationMicros), right: true },
  ...accountColumns(),
  { head: 'file', text: ({ file }) => printable(file) },
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
