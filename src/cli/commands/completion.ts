import { Argument } from 'commander'
import type { DefineCommand } from '../command.js'
import { completionFor, SHELLS, type Shell } from '../completion-scripts.js'
import type { Session } from '../session.js'

export const defineCompletion: DefineCommand = (program, session) => {
  program
    .command('completion')
    .description('a script that has your shell complete commands and options')
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .action((shell: Shell) => printScript(completionFor(shell, program.commands), session))
}

// --- internal ---

async function printScript(script: string, session: Session): Promise<void> {
  await session.out.lines(script.trimEnd().split('\n'))
}
