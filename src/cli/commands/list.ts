import { Option } from 'commander'
import { asWritten } from '../../formats/shared/dump-meta-check.js'
import { printable } from '../../printable.js'
import { manyOf } from '../../render/kinds.js'
import { type DumpEntry, listDumps } from '../../store/dump-list.js'
import type { DefineCommand } from '../command.js'
import { dumpLines } from '../dump-lines.js'
import { addKindOption, EVERYTHING, type KindChoice } from '../kind-option.js'
import type { Session } from '../session.js'

export const defineList: DefineCommand = (program, session) => {
  const command = program
    .command('list')
    .description('the dumps of a directory, newest first')
    .argument('[dir]', 'directory of dumps', session.io.env.PROFVIEW_DIR || 'profiles')
    .option('--json', 'the $profview objects of the dumps, with their files')
  addKindOption(command, EVERYTHING)
  command.addOption(
    new Option('--stalls', 'what held the loop, and who waited; with `stall`').conflicts('kind'),
  )
  command.action((dir: string, options: ListOptions) => list(dir, options, session))
}

// --- internal ---

interface ListOptions {
  readonly json?: boolean
  readonly kind?: KindChoice
  readonly stalls?: boolean
}

async function list(dir: string, options: ListOptions, session: Session): Promise<void> {
  const { json, stalls, kind = stalls ? 'stall' : 'all' } = options
  const all = listDumps(dir, (file, reason) => {
    session.problem(`${printable(file)}: ${reason}`)
  })
  const entries = all.filter(({ meta }) => kind === 'all' || meta.kind === kind)
  const what = kind === 'all' ? 'dumps' : manyOf(kind)
  if (json) await session.out.json(jsonChunks(entries))
  else if (entries.length > 0) await session.out.lines(dumpLines(entries, session))
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
