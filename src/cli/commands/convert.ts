import type { DefineCommand } from '../command.js'
import { type InputOptions, readInputs } from '../inputs.js'
import type { Session } from '../session.js'
import { requireKnownOutput, writeOutput } from '../write-output.js'

export const defineConvert: DefineCommand = (program, session) => {
  program
    .command('convert')
    .description('the same profile in another format')
    .argument('<path>', 'a dump, a profile, a directory or -')
    .requiredOption('-o, --output <file>', 'where to write it; the extension says the format')
    .option('--source-maps', 'write functions as they were written, not as they were compiled')
    .option('--strict', 'stop at the first bad input')
    .action((path: string, options: ConvertOptions) => convert(path, options, session))
}

// --- internal ---

interface ConvertOptions extends InputOptions {
  readonly output: string
}

function convert(path: string, options: ConvertOptions, session: Session): void {
  requireKnownOutput(options.output)
  const read = readInputs([path], options, session)
  if (read) writeOutput(options.output, read.profile)
}
