import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ProfviewError } from '../../errors.js'
import { printable } from '../../printable.js'
import { totalWeight } from '../../profile/calltree.js'
import type { DumpMeta } from '../../profile/profile.js'
import { amount, counted } from '../../render/measure.js'
import { listDumps } from '../../store/dump-list.js'
import { makeDirectory } from '../../store/make-directory.js'
import type { DefineCommand } from '../command.js'
import { readInputs } from '../inputs.js'
import { type NodeArgs, splitNodeArgs } from '../node-args.js'
import { addOutputOptions, type PrintOptions, printProfile } from '../print.js'
import { othersEnded, runProfiled } from '../profiled-program.js'
import { recovered } from '../recovered.js'
import type { Session } from '../session.js'
import { addViewOptions } from '../view-options.js'
import { outputHelp, requireKnownOutput, writeOutput } from '../write-output.js'

export const defineRun: DefineCommand = (program, session) => {
  // What follows the script is the program's.
  program.enablePositionalOptions()
  const command = program
    .command('run')
    .description(
      'run a program, its cluster workers and threads under the profiler, then show where time went',
    )
    .usage('[options] [node options] <script> [args...]')
    .argument('<script...>', 'what node shall run')
    .passThroughOptions()
    .allowUnknownOption()
    .addOption(
      new Option(
        '-o, --output <file>',
        outputHelp('write the profile there instead of printing it'),
      ).conflicts(['flat', 'md', 'json']),
    )
    .option(
      '--interval <ms>',
      'between two samples (default: 1; 5 with NODE_ENV=production)',
      parseInterval,
    )
    .option('--dir <dir>', 'keep each request there as it ends, and all processes at the end')
  addOutputOptions(command)
  addViewOptions(command)
  command
    .addHelpText('after', `\nOptions of Node that take a value: --name=value; ${TWO_WORDS}.`)
    .action(() => run(command, session))
}

// --- internal ---

const TWO_WORDS = '-r, --import, --loader, --env-file and -C take the next word as well'

interface RunOptions extends PrintOptions {
  readonly output?: string
  readonly interval?: number
  readonly dir?: string
}

async function run(command: Command, session: Session): Promise<void> {
  const args = splitNodeArgs(command.args, command)
  const options = command.opts<RunOptions>()
  const script = requireScript(args, session.io.cwd)
  if (options.output !== undefined) requireKnownOutput(options.output)
  if (options.dir !== undefined) makeDirectory(options.dir)
  const dir = mkdtempSync(join(tmpdir(), 'profview-run-'))
  const startedAt = Date.now()
  let signal: NodeJS.Signals | null
  try {
    const ending = await runProfiled([...args.node, script, ...args.args], {
      dir,
      intervalMs: options.interval,
      // At once, so that they can be looked at while it runs.
      requestsDir: options.dir === undefined ? null : resolve(session.io.cwd, options.dir),
      io: session.io,
    })
    await othersEnded(dir)
    for (const line of await recovered(dir, ending.pid)) session.note(printable(line))
    await report(dir, script, options, session)
    tellRequests(startedAt, options, session)
    signal = ending.signal
    session.exitCode = ending.code || session.exitCode
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  if (signal === null) return
  // Whoever waits for us shall see what the program died of, also where it cannot kill this
  // process.
  session.exitCode = 128 + constants.signals[signal]
  process.kill(process.pid, signal)
}

async function report(
  dir: string,
  script: string,
  options: RunOptions,
  session: Session,
): Promise<void> {
  const dumps = listDumps(dir)
  if (options.dir !== undefined) {
    for (const { file } of dumps) copyFileSync(file, join(options.dir, basename(file)))
  }
  const files = dumps.filter(({ meta }) => meta.kind === 'process').map(({ file }) => file)
  const read = files.length === 0 ? null : readInputs(files, {}, session)
  if (read === null) return session.problem('nothing was recorded')
  const profile = { ...read.profile, name: script }
  if (options.output === undefined) return printProfile(profile, options, session)
  writeOutput(options.output, profile)
  const what = `${counted(read.inputs, 'profile')}, ${amount(totalWeight(profile), profile.unit)}`
  // The standard output is the program's.
  session.note(`${printable(options.output)}: ${what}`)
}

/** The tree holds what they did, too: it is that of the whole processes. */
function tellRequests(since: number, { dir }: RunOptions, session: Session): void {
  if (dir === undefined) return
  const isOne = ({ kind, startedAt }: DumpMeta) =>
    kind === 'request' && Date.parse(startedAt) >= since
  const requests = listDumps(dir).filter(({ meta }) => isOne(meta)).length
  if (requests === 0) return
  session.note(`${printable(dir)}: ${counted(requests, 'request')} one by one`)
}

function requireScript({ script }: NodeArgs, cwd: string): string {
  if (script === undefined) {
    const text = "missing required argument 'script'; see profview run --help"
    throw new ProfviewError('BAD_OPTION', text, { path: 'script' })
  }
  try {
    createRequire(join(cwd, 'profview')).resolve(resolve(cwd, script))
  } catch (cause) {
    const fact = `cannot run ${printable(script)}: no such file`
    throw new ProfviewError('BAD_INPUT', fact, { path: script, cause })
  }
  return script
}

function parseInterval(text: string): number {
  const interval = Number(text)
  if (!(interval >= 0.2 && interval <= 100)) {
    throw new InvalidArgumentError('Not between 0.2 and 100 ms.')
  }
  return interval
}
