import { printable } from '../../printable.js'
import { totalWeight } from '../../profile/calltree.js'
import { amount, counted } from '../../render/measure.js'
import { addReadingOptions, type DefineCommand } from '../command.js'
import { pathsOr } from '../dump-paths.js'
import { type InputOptions, readInputs } from '../inputs.js'
import { addKindOption, REQUESTS } from '../kind-option.js'
import type { Session } from '../session.js'
import { outputHelp, requireKnownOutput, writeOutput } from '../write-output.js'

export const defineMerge: DefineCommand = (program, session) => {
  const command = program
    .command('merge')
    .description('one profile of many; worker, route and file stay as labels')
    .argument('[paths...]', 'dumps, ids, profiles, directories or -', [])
    .requiredOption('-o, --output <file>', outputHelp('where to write it (required)'))
  addKindOption(command, REQUESTS)
  command
    .option('--route <route>', "only requests of this route: 'GET /users/:id'")
    .option(
      '--worker <id>',
      'only this worker, its thread (2.1), or a file or thread of other profiles',
    )
    .option('--source-maps', 'write functions as they were written, not as they were compiled')
  addReadingOptions(command)
  command.action((paths: string[], options: MergeOptions) => merge(paths, options, session))
}

// --- internal ---

interface MergeOptions extends InputOptions {
  readonly output: string
}

async function merge(paths: string[], options: MergeOptions, session: Session): Promise<void> {
  requireKnownOutput(options.output)
  const read = readInputs(pathsOr(paths, session.io), options, session)
  if (!read) return
  const { profile, inputs } = read
  writeOutput(options.output, profile)
  const what = `${counted(inputs, 'profile')}, ${amount(totalWeight(profile), profile.unit)}`
  await session.out.lines([`${printable(options.output)}: ${what}`])
}
