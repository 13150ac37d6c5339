import { Option } from 'commander'
import { diffSides, type ProfileDiff } from '../../analysis/diff.js'
import { mergeSide } from '../../analysis/diff-side.js'
import { diffJsonChunks } from '../../render/diff/json.js'
import { diffLines, diffMarkdown } from '../../render/diff/text.js'
import { addReadingOptions, type DefineCommand } from '../command.js'
import { combineInputs, type InputOptions } from '../inputs.js'
import { addKindOption, REQUESTS } from '../kind-option.js'
import type { Session } from '../session.js'
import { sidesOf } from '../sides.js'
import { addViewOptions, type ViewOptions, viewOf } from '../view-options.js'

export const defineDiff: DefineCommand = (program, session) => {
  const command = program
    .command('diff')
    .description('what got slower, per request, and what of it is noise')
    .usage('[options] <before...> -- <after...>')
    .argument('<paths...>', 'dumps, profiles, directories or -; -- between the two sides')
    .addOption(new Option('--md', 'Markdown, for a pull request').conflicts('json'))
    .addOption(
      new Option('--json', 'both sides, the functions and the whole tree').conflicts([
        'invert',
        'all',
        'threshold',
        'show',
        'hide',
      ]),
    )
  addViewOptions(command)
  addKindOption(command, REQUESTS)
  command
    .option('--route <route>', "only requests of this route: 'GET /users/:id'")
    .option('--worker <id>', 'only requests of this worker, or of its thread (2.1)')
    .option('--no-source-maps', 'functions as they were compiled, not as they were written')
  addReadingOptions(command)
  command.action((paths: string[], options: DiffOptions) => diff(paths, options, session))
}

// --- internal ---

interface DiffOptions extends InputOptions, ViewOptions {
  readonly md?: boolean
  readonly json?: boolean
}

async function diff(paths: string[], options: DiffOptions, session: Session): Promise<void> {
  const sides = sidesOf(paths)
  const before = combineInputs(sides.before, options, session, mergeSide)
  const after = combineInputs(sides.after, options, session, mergeSide)
  if (!before || !after) return
  await print(diffSides(before.result, after.result), options, session)
}

async function print(changes: ProfileDiff, options: DiffOptions, session: Session): Promise<void> {
  if (options.json) return session.out.json(diffJsonChunks(changes))
  const text = { ...viewOf(options), ...session.screen, cwd: session.io.cwd }
  await session.out.lines((options.md ? diffMarkdown : diffLines)(changes, text))
}
