import { Option } from 'commander'
import { addReadingOptions, type DefineCommand } from '../command.js'
import { pathsOr } from '../dump-paths.js'
import { type InputOptions, readInputs } from '../inputs.js'
import { addKindOption, REQUESTS } from '../kind-option.js'
import { addOutputOptions, type PrintOptions, printProfile } from '../print.js'
import type { Session } from '../session.js'
import { addViewOptions } from '../view-options.js'

export const defineShow: DefineCommand = (program, session) => {
  const command = program
    .command('show')
    .description('the call tree of a profile, or of several merged, as text')
    .argument('[paths...]', 'dumps, ids, profiles, directories or -', [])
  addOutputOptions(command)
  addViewOptions(command)
  addKindOption(command, REQUESTS)
  command
    .addOption(
      new Option('--timeline', 'what happened one after the other').conflicts([
        'md',
        'json',
        'invert',
      ]),
    )
    .option('--route <route>', "only requests of this route: 'GET /users/:id'")
    .option(
      '--worker <id>',
      'only this worker, its thread (2.1), or a file or thread of other profiles',
    )
    .option('--no-source-maps', 'functions as they were compiled, not as they were written')
  addReadingOptions(command)
  command.action((paths: string[], options: ShowOptions) => show(paths, options, session))
}

// --- internal ---

interface ShowOptions extends InputOptions, PrintOptions {}

async function show(paths: string[], options: ShowOptions, session: Session): Promise<void> {
  const read = readInputs(
    pathsOr(paths, session.io),
    { ...options, summed: !options.timeline },
    session,
  )
  if (read) await printProfile(read.profile, options, session)
}
