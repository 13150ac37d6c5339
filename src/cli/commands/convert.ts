import { renderHtml } from '../../render/html.js'
import { addReadingOptions, type DefineCommand } from '../command.js'
import { defaultDir } from '../dump-paths.js'
import { combineInputs, type InputOptions, readInputs } from '../inputs.js'
import { addKindOption, REQUESTS } from '../kind-option.js'
import type { Session } from '../session.js'
import { isPage, outputHelp, requireKnownOutput, writeOutput, writeText } from '../write-output.js'

export const defineConvert: DefineCommand = (program, session) => {
  const command = program
    .command('convert')
    .description('the same profile in another format')
    .argument('[path]', 'a dump, an id, a profile, a directory or -', defaultDir(session.io))
    .requiredOption('-o, --output <file>', outputHelp('where to write it (required)'))
  addKindOption(command, REQUESTS)
  command.option('--source-maps', 'write functions as they were written, not as they were compiled')
  addReadingOptions(command)
  command.action((path: string, options: ConvertOptions) => convert(path, options, session))
}

// --- internal ---

interface ConvertOptions extends InputOptions {
  readonly output: string
}

function convert(path: string, options: ConvertOptions, session: Session): void {
  const { output } = options
  requireKnownOutput(output)
  if (isPage(output)) {
    const page = combineInputs([path], options, session, renderHtml, { keepsApart: true })
    if (page) writeText(output, page.result)
  } else {
    const read = readInputs([path], options, session)
    if (read) writeOutput(output, read.profile)
  }
}
