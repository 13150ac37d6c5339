import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, Option } from 'commander'
import { ProfviewError } from '../../errors.js'
import { printable } from '../../printable.js'
import { counted } from '../../render/measure.js'
import type { AttachOrder } from '../../store/attach-files.js'
import { type DumpEntry, listDumps } from '../../store/dump-list.js'
import { hungStack } from '../attach/hung-stack.js'
import { kernelView, refused, targetOf, workersOf } from '../attach/target.js'
import { answers, withInspector } from '../attach/visitor.js'
import { Visits } from '../attach/visits.js'
import { type DefineCommand, parseAge, parseCount, parseShare } from '../command.js'
import { dumpLines } from '../dump-lines.js'
import { defaultDir } from '../dump-paths.js'
import { readInputs } from '../inputs.js'
import { printProfile } from '../print.js'
import type { Session } from '../session.js'
import { printThreads } from '../threads.js'

export const defineAttach: DefineCommand = (program, session) => {
  program
    .command('attach')
    .allowExcessArguments(false)
    .description('what a running process does that was never prepared, then leave no trace')
    .argument('<pid>', "a Node process; of a cluster's primary, its workers", parseCount)
    .option('--for <time>', 'record its requests for so long, at most 5m', parseFor)
    .addOption(
      new Option(
        '--mode <mode>',
        'all requests, a share of them (0.1), trigger, or process (default: all)',
      ).argParser(parseMode),
    )
    .option('--slow <ms>', 'only requests that are slower than this', parseCount)
    .option('--route <route>', "only requests of this route: 'GET /users/:id'")
    .option(
      '--dir <dir>',
      'where dumps go, here (default: $PROFVIEW_DIR or profiles)',
      defaultDir(session.io),
    )
    .option('--gently', 'not two slow seconds first: hides loops that ran before')
    .addHelpText('after', EXAMPLE)
    .action((pid: number, options: AttachOptions) => attach(pid, options, session))
}

// --- internal ---

interface AttachOptions {
  readonly for?: number
  readonly mode?: string
  readonly slow?: number
  readonly route?: string
  readonly dir: string
  readonly gently?: boolean
}

const EXAMPLE = `
Without --for: where it hangs, or else what it does in the next 5 s, by request.

  profview attach 4711
  profview attach 4711 --for 30s
`
const LOOK_MS = 5000
const LOOK_EACH_MS = 100
const LONGEST_FOR_MS = 300_000
/** What its loops do first, and its dumps need at the end, ms. */
const AROUND_MS = 30_000
/** How long those that are called back may take, ms. */
const LEAVING_MS = 8000
/** As shells say it. */
const INTERRUPTED = 130

async function attach(pid: number, options: AttachOptions, session: Session): Promise<void> {
  const target = targetOf(pid)
  const visits = new Visits(orderOf(options, session), target)
  let isStopped = false
  const stop = () => {
    if (isStopped) process.exit(INTERRUPTED)
    isStopped = true
    session.exitCode = INTERRUPTED
    visits.recall()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    const workers = workersOf(pid)
    // A primary's inspector would have Node open those of all its workers, and leave them open.
    for (const each of workers.length > 0 ? workers : [pid]) {
      if (!isStopped) await tried(session, () => begin(each, visits, session))
    }
    await untilOver(visits, () => isStopped, session)
    tellNotes(visits, session)
    await tell(visits, options, session)
  } finally {
    visits.close()
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
  }
}

function orderOf(options: AttachOptions, session: Session): Omit<AttachOrder, 'id'> {
  const { for: forMs, mode, slow, route, dir, gently = false } = options
  if (forMs === undefined && (mode ?? slow ?? route) !== undefined)
    throw new ProfviewError('BAD_OPTION', '--mode, --slow and --route need --for: --for 30s')
  return {
    dir: resolve(session.io.cwd, dir),
    forMs: forMs ?? LOOK_MS,
    mode: forMs === undefined ? 'process' : (mode ?? (slow === undefined ? 'all' : 'trigger')),
    slowMs: slow ?? null,
    route: route ?? null,
    gently,
  }
}

/** What is wrong with one of them keeps nobody from the others. */
async function tried(session: Session, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    session.problem(error)
  }
}

async function begin(pid: number, visits: Visits, session: Session): Promise<void> {
  const target = targetOf(pid)
  const tell = (fact: string) => session.note(fact)
  await withInspector(target, tell, async (inspector, isOpen) => {
    if (await answers(inspector)) return visits.begin(target, inspector)
    if (isOpen) throw refused(pid, `${HANGS}, and a debugger may be attached: use that`)
    const stack = await hungStack(inspector)
    if (stack === null) throw refused(pid, `${HANGS} in native code (${kernelView(pid)})`)
    await session.out.lines([`${pid} hangs in`, ...stack.map((line) => `  ${line}`)])
    if (visits.order.mode !== 'process') throw refused(pid, `${HANGS}: nothing can be recorded`)
  })
}

const HANGS = 'its loop hangs'

async function untilOver(
  visits: Visits,
  isStopped: () => boolean,
  session: Session,
): Promise<void> {
  let until = Date.now() + visits.order.forMs + AROUND_MS
  let hasStopped = false
  while (!visits.areOver && Date.now() < until) {
    if (isStopped() && !hasStopped) {
      hasStopped = true
      until = Date.now() + LEAVING_MS
    }
    session.progress(() => progressOf(visits))
    await sleep(LOOK_EACH_MS)
  }
  session.progressDone()
}

function progressOf(visits: Visits): string {
  const begun = [...visits.look().values()].filter((answer) => answer !== null)
  return `attached: ${begun.length} of ${visits.size} record; Ctrl-C leaves`
}

function tellNotes(visits: Visits, session: Session): void {
  for (const [pid, answer] of visits.look()) {
    if (answer?.state === 'failed') session.problem(refused(pid, answer.reason))
    if (answer?.state === 'begun' || answer === null)
      session.problem(new ProfviewError('IO', `${pid} has not said that it is as it was before`))
    for (const note of answer?.notes ?? []) session.note(printable(note.replace(/^profview: /, '')))
  }
}

async function tell(visits: Visits, { dir }: AttachOptions, session: Session): Promise<void> {
  const { id, mode, forMs } = visits.order
  const entries = listDumps(dir).filter(({ meta }) => meta.labels.attach === id)
  const files = entries.map(({ file }) => file)
  if (files.length === 0) {
    const nothing = mode === 'process' ? 'nothing was recorded' : 'no such request came'
    if (visits.size > 0) session.note(`${nothing} in ${forMs / 1000} s`)
    return
  }
  const read = readInputs(files, {}, session)
  if (read === null) return
  if (mode === 'process') await printThreads(read.profile, session)
  else {
    await list(entries, session)
    await printProfile(read.profile, {}, session)
  }
  const what = counted(read.inputs, mode === 'process' ? 'process' : 'request')
  await session.out.lines(['', `${printable(dir)}: ${what}`])
}

/** The newest; all are there. */
async function list(entries: readonly DumpEntry[], session: Session): Promise<void> {
  const more = entries.length - MOST_LISTED
  await session.out.lines(dumpLines(entries.slice(0, MOST_LISTED), session, entries))
  await session.out.lines([...(more > 0 ? [`... and ${more} more`] : []), ''])
}

const MOST_LISTED = 20

function parseFor(text: string): number {
  const time = parseAge(text)
  if (time > 0 && time <= LONGEST_FOR_MS) return Math.ceil(time)
  throw new InvalidArgumentError('It lasts 5m at most.')
}

function parseMode(text: string): string {
  if (['all', 'trigger', 'process'].includes(text)) return text
  if (parseShare(text) > 0) return String(parseShare(text))
  throw new InvalidArgumentError('all, trigger, process, or a share such as 0.1.')
}
