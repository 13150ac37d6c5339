import { Option } from 'commander'
import { ProfviewError } from '../../errors.js'
import { asWritten } from '../../formats/shared/dump-meta-check.js'
import { printable } from '../../printable.js'
import { manyOf } from '../../render/kinds.js'
import { counted } from '../../render/measure.js'
import { type DumpEntry, listDumps } from '../../store/dump-list.js'
import { statOf } from '../../store/path-stat.js'
import type { DefineCommand } from '../command.js'
import { addChoiceOptions, chosenDumps, type DumpChoice, routesOf } from '../dump-choice.js'
import { dumpLines } from '../dump-lines.js'
import { defaultDir } from '../dump-paths.js'
import { addKindOption, EVERYTHING, type KindChoice } from '../kind-option.js'
import type { Session } from '../session.js'

export const defineList: DefineCommand = (program, session) => {
  const command = program
    .command('list')
    .description('the dumps of a directory, newest first')
    .argument('[dir]', 'directory of dumps', defaultDir(session.io))
    .option('--json', 'the $profview objects of the dumps, with their files')
  addChoiceOptions(command)
  addKindOption(command, EVERYTHING)
  command.addOption(
    new Option('--stalls', 'what held the loop, and who waited; with `stall`').conflicts('kind'),
  )
  command.action((dir: string, options: ListOptions) => list(dir, options, session))
}

// --- internal ---

interface ListOptions extends DumpChoice {
  readonly json?: boolean
  readonly kind?: KindChoice
  readonly stalls?: boolean
}

async function list(dir: string, options: ListOptions, session: Session): Promise<void> {
  const { json, stalls, kind = stalls ? 'stall' : 'all' } = options
  if (statOf(dir)?.isFile()) {
    const fact = `${printable(dir)}: a file, no directory of dumps`
    throw new ProfviewError('BAD_INPUT', `${fact}: profview show ${printable(dir)}`, { path: dir })
  }
  const all = listDumps(dir, (file, reason) => {
    session.problem(`${printable(file)}: ${reason}`)
  })
  const ofKind = all.filter(({ meta }) => kind === 'all' || meta.kind === kind)
  const entries = chosenDumps(ofKind, options)
  if (json) await session.out.json(jsonChunks(entries))
  else if (entries.length > 0) await session.out.lines(dumpLines(entries, session, all))
  else if (session.exitCode === 0) session.note(await none(dir, kind, options.route, ofKind))
}

/** `no dumps of GET /x in profiles; there are: GET /y, GET /z` */
async function none(
  dir: string,
  kind: KindChoice,
  route: string | undefined,
  ofKind: readonly DumpEntry[],
): Promise<string> {
  const what = kind === 'all' ? 'dumps' : manyOf(kind)
  if (route === undefined || ofKind.length === 0) {
    return `no ${what} in ${printable(dir)}${await othersIn(dir)}`
  }
  const there = routesOf(ofKind)
  const named = there.slice(0, NAMED).map((name) => printable(name))
  const more = there.length > NAMED ? ', ...' : ''
  return `no ${what} of ${printable(route)} in ${printable(dir)}; there are: ${named.join(', ')}${more}`
}

/** Of other tools, as far as their names tell. */
async function othersIn(dir: string): Promise<string> {
  // Knows all formats, which a list of dumps does without.
  const { listProfiles } = await import('../../store/profile-list.js')
  const others = listProfiles(dir).foreign.filter(({ isGuess }) => !isGuess).length
  if (others === 0) return ''
  return `, but ${counted(others, 'other profile')}: profview open ${printable(dir)}`
}

const NAMED = 10

function* jsonChunks(entries: readonly DumpEntry[]): Generator<string> {
  let separator = '['
  for (const { file, meta, waits } of entries) {
    const facts = asWritten(meta, meta.version === 1 ? undefined : waits)
    yield separator + JSON.stringify({ ...facts, file })
    separator = ',\n'
  }
  yield entries.length === 0 ? '[]\n' : ']\n'
}
