import { type Command, Option } from 'commander'
import type { Profile } from '../../profile/profile.js'
import { type TextOptions, textLines } from '../../render/text.js'
import { applyView, type View } from '../../transform/view.js'
import { type DefineCommand, gather, parseShare } from '../command.js'
import { type InputOptions, readInputs } from '../inputs.js'
import type { Session } from '../session.js'

export const defineShow: DefineCommand = (program, session) => {
  const command = program
    .command('show')
    .description('the call tree of a profile, or of several merged, as text')
    .argument('<paths...>', 'dumps, profiles, directories or -')
  addOutputOptions(command)
  addViewOptions(command)
  command
    .addOption(
      new Option('--timeline', 'what happened one after the other').conflicts([
        'md',
        'json',
        'invert',
      ]),
    )
    .option('--route <route>', "only requests of this route: 'GET /users/:id'")
    .option('--worker <id>', 'only requests of this worker')
    .option('--no-source-maps', 'functions as they were compiled, not as they were written')
    .option('--strict', 'stop at the first bad input')
    .action((paths: string[], options: ShowOptions) => show(paths, options, session))
}

/** How a profile is printed. */
export interface PrintOptions {
  readonly flat?: boolean
  readonly timeline?: boolean
  readonly md?: boolean
  readonly json?: boolean
  readonly all?: boolean
  readonly invert?: boolean
  readonly threshold?: number
  readonly show?: string[]
  readonly hide?: string[]
}

export function addOutputOptions(command: Command): void {
  command
    .addOption(
      new Option('--flat', 'functions by self and total time').conflicts([
        'timeline',
        'md',
        'json',
        'invert',
      ]),
    )
    .addOption(new Option('--md', 'Markdown, for a pull request').conflicts('json'))
    .option('--json', '{ meta, tree }, complete unless other flags ask for less')
}

export function addViewOptions(command: Command): void {
  command
    .option('--invert', 'callers below functions')
    .option('--all', 'fold nothing, leave out nothing')
    .option(
      '--threshold <share>',
      'leave out calls under this share of the time (default: 0.01)',
      parseShare,
    )
    .option('--show <glob>', 'never fold frames with this file or name (repeatable)', gather)
    .option('--hide <glob>', 'fold frames with this file or name (repeatable)', gather)
}

export async function printProfile(
  profile: Profile,
  options: PrintOptions,
  session: Session,
): Promise<void> {
  const view = viewOf(options)
  if (options.json) {
    const { jsonChunks } = await import('../../render/json.js')
    await session.out.chunks(jsonChunks(applyView(profile, view)))
    return
  }
  await session.out.lines(
    await linesOf(profile, options, { ...view, ...session.screen, cwd: session.io.cwd }),
  )
}

// --- internal ---

interface ShowOptions extends InputOptions, PrintOptions {}

async function show(paths: string[], options: ShowOptions, session: Session): Promise<void> {
  const read = readInputs(paths, options, session)
  if (read) await printProfile(read.profile, options, session)
}

/** What is not asked for is not loaded. */
async function linesOf(
  profile: Profile,
  options: PrintOptions,
  text: TextOptions,
): Promise<Iterable<string>> {
  if (options.flat) return (await import('../../render/flat.js')).flatLines(profile, text)
  if (options.timeline) {
    return (await import('../../render/timeline.js')).timelineLines(profile, text)
  }
  if (options.md) return (await import('../../render/markdown.js')).markdownLines(profile, text)
  return textLines(profile, text)
}

/** Programs get everything, people what matters, unless the flags say otherwise. */
export function viewOf({ all, json, invert, threshold, show, hide }: PrintOptions): View {
  const complete = all === true || json === true
  const least = threshold ?? (complete ? 0 : undefined)
  return {
    foldLibraries: !complete,
    ...(least === undefined ? {} : { threshold: least }),
    ...(invert ? { invert } : {}),
    ...(show ? { show } : {}),
    ...(hide ? { hide } : {}),
  }
}
