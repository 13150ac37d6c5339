import { Command, CommanderError } from 'commander'
import { ownVersion } from '../store/own-version.js'
import type { DefineCommand } from './command.js'
import { EXAMPLE_OF } from './examples.js'
import { errorLine, helpText, type Io } from './output.js'
import { BAD_USAGE, DONE, Session } from './session.js'
import { markSides } from './sides.js'

/** Each command's file is loaded when it is called, all of them for the help. */
const COMMANDS: ReadonlyMap<string, () => Promise<DefineCommand>> = new Map([
  ['open', async () => (await import('./commands/open.js')).defineOpen],
  ['get', async () => (await import('./commands/get.js')).defineGet],
  ['list', async () => (await import('./commands/list.js')).defineList],
  ['show', async () => (await import('./commands/show.js')).defineShow],
  ['diff', async () => (await import('./commands/diff.js')).defineDiff],
  ['assert', async () => (await import('./commands/assert.js')).defineAssert],
  ['merge', async () => (await import('./commands/merge.js')).defineMerge],
  ['convert', async () => (await import('./commands/convert.js')).defineConvert],
  ['run', async () => (await import('./commands/run.js')).defineRun],
  ['capture', async () => (await import('./commands/capture.js')).defineCapture],
  ['attach', async () => (await import('./commands/attach.js')).defineAttach],
  ['token', async () => (await import('./commands/token.js')).defineToken],
  ['completion', async () => (await import('./commands/completion.js')).defineCompletion],
  ['prune', async () => (await import('./commands/prune.js')).definePrune],
])

/** Runs the command line (without node and script) and resolves to the exit code. Never rejects. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const session = new Session(io)
  try {
    const program = await createProgram(argv, session)
    const args = argv[0] === 'diff' ? markSides(argv) : argv
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : BAD_USAGE
    session.problem(error)
  }
  session.progressDone()
  return session.exitCode
}

// --- internal ---

function processIo(): Io {
  const { stdout, stderr, env } = process
  return { stdout, stderr, env, cwd: process.cwd() }
}

async function createProgram(argv: readonly string[], session: Session): Promise<Command> {
  const program = new Command('profview')
    .description('Why was this one request slow? Shows per-request profiles of Node.js.')
    .version(ownVersion(), '--version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => helpText(session.io.stdout, text),
      writeErr: (text) => helpText(session.io.stderr, text),
      outputError: (text) => errorLine(session.io.stderr, toOneLine(text, argv[0] ?? '')),
    })
    .usage('<command> [paths...]')
  program.addHelpText('after', EXAMPLES)
  for (const load of needed(argv[0] ?? '')) (await load())(program, session)
  for (const command of program.commands) {
    const example = EXAMPLE_OF.get(command.name())
    if (example) command.addHelpText('after', `\nExample:\n  ${example}`)
  }
  return program
}

/** What shows, completes or looks for any of them needs all. */
function needed(name: string): Iterable<() => Promise<DefineCommand>> {
  const called = name === 'completion' ? undefined : COMMANDS.get(name)
  return called ? [called] : name === '--version' ? [] : COMMANDS.values()
}

const EXAMPLES = `
A path is a dump, an id or its beginning, any supported profile, a directory of them, or - for the
standard input; without one, $PROFVIEW_DIR or profiles.

  profview open profiles/            look at all requests in the browser
  profview show profiles/x.cpuprofile  the call tree of one of them, here
  profview show profiles --route 'GET /users/:id'
`

/** Commander puts its advice on a second line; where it has none, there is ours. */
function toOneLine(text: string, command: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
  const [, what, name] = /^unknown (command|option) '(.*)'$/.exec(line) ?? []
  if (/^missing required argument|^required option/.test(line))
    return `${line}; see profview ${command} --help`
  if (what === undefined) return line
  const isPath = what === 'command' && /[./\\]/.test(name!)
  return `${line}; ${isPath ? `to look at a file: profview open ${name}` : 'see profview --help'}`
}
