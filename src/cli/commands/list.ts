import { ACCOUNTS, type Account } from '../../profile/accounts.js'
import { routeOf, statusOf } from '../../profile/labels.js'
import { printable } from '../../profile/printable.js'
import { count, duration, moment, percent } from '../../render/measure.js'
import { styleFor } from '../../render/style.js'
import { type Column, tableLines } from '../../render/table.js'
import { type DumpEntry, listDumps } from '../../store/dump-list.js'
import type { DefineCommand } from '../command.js'
import type { Session } from '../session.js'

export const defineList: DefineCommand = (program, session) => {
  program
    .command('list')
    .description('the dumps of a directory, newest first')
    .argument('[dir]', 'directory of dumps', session.io.env.PROFVIEW_DIR || 'profiles')
    .option('--json', 'the $profview objects of the dumps, with their files')
    .action((dir: string, options: { json?: boolean }) => list(dir, options.json === true, session))
}

// --- internal ---

async function list(dir: string, json: boolean, session: Session): Promise<void> {
  const entries = listDumps(dir, (file, reason) => {
    session.problem(`${printable(file)}: ${reason}`)
  })
  if (json) await session.out.chunks(jsonChunks(entries))
  else if (entries.length > 0) await session.out.lines(lines(entries, session))
  else if (session.exitCode === 0) session.note(`no dumps in ${printable(dir)}`)
}

function* jsonChunks(entries: readonly DumpEntry[]): Generator<string> {
  let separator = '['
  for (const { file, meta } of entries) {
    yield separator + JSON.stringify({ ...meta, file })
    separator = ',\n'
  }
  yield entries.length === 0 ? '[]\n' : ']\n'
}

function lines(entries: readonly DumpEntry[], session: Session): Iterable<string> {
  const columns = session.io.stdout.isTTY ? session.io.stdout.columns : 0
  return tableLines(COLUMNS, entries, columns ?? 0, styleFor(session.screen).dim)
}

/** Which accounts have a column, and in which order those go where there is no room. */
const DROPPED: Readonly<Record<Account, number | null>> = {
  cpu: 3,
  gc: null,
  offcpu: null,
  await: 2,
  blocked: 1,
  profiler: null,
  unknown: null,
}

const COLUMNS: readonly Column<DumpEntry>[] = [
  { head: 'when', text: ({ meta }) => moment(meta.startedAt), dropped: 6 },
  { head: 'request', text: titleOf, shortest: 16 },
  { head: 'status', text: ({ meta }) => statusOf(meta), right: true, dropped: 5 },
  { head: 'duration', text: ({ meta }) => duration(meta.durationMicros), right: true },
  ...accountColumns(),
  { head: 'worker', text: workerText, right: true, dropped: 4 },
  { head: 'file', text: ({ file }) => printable(file) },
]

function titleOf({ meta }: DumpEntry): string {
  return printable(routeOf(meta) || meta.kind)
}

function accountColumns(): Column<DumpEntry>[] {
  return ACCOUNTS.flatMap((account) => {
    const dropped = DROPPED[account]
    if (dropped === null) return []
    return [{ head: account, text: (entry) => shareOf(entry, account), right: true, dropped }]
  })
}

function shareOf({ meta }: DumpEntry, account: Account): string {
  return percent(meta.ledger[account] / (meta.durationMicros || 1))
}

function workerText({ meta: { process } }: DumpEntry): string {
  return process.workerId > 0 ? count(process.workerId) : `pid ${process.pid}`
}
