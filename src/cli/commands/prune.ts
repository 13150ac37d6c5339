import { printable } from '../../printable.js'
import { bytes, counted } from '../../render/measure.js'
import { pruneDirectory } from '../../store/dump-store.js'
import { DEFAULT_LIMITS } from '../../store/retention.js'
import { type DefineCommand, parseAge, parseBytes, parseCount } from '../command.js'
import type { Session } from '../session.js'

export const definePrune: DefineCommand = (program, session) => {
  program
    .command('prune')
    .description('remove the oldest dumps of a directory now; the newest always stays')
    .argument('<dir>', 'directory of dumps')
    .option('--files <count>', 'keep at most so many', parseCount)
    .option('--bytes <size>', 'keep at most so much: 500MB', parseBytes)
    .option('--age <time>', 'keep nothing older: 7d, 12h', parseAge)
    .addHelpText('after', `\nWithout one of these flags, ${DEFAULTS}.`)
    .action((dir: string, options: PruneOptions) => prune(dir, options, session))
}

// --- internal ---

const { files, bytes: size, ageMs } = DEFAULT_LIMITS
const DAYS = ageMs / 86_400_000
const DEFAULTS = `it keeps what the middleware keeps: ${files} dumps, ${bytes(size)}, ${DAYS} days`

interface PruneOptions {
  readonly files?: number
  readonly bytes?: number
  readonly age?: number
}

async function prune(dir: string, options: PruneOptions, session: Session): Promise<void> {
  const result = pruneDirectory(dir, limitsOf(options))
  const removed = `removed ${counted(result.removed, 'dump')} (${bytes(result.removedBytes)})`
  const kept = `kept ${counted(result.kept, 'dump')} (${bytes(result.keptBytes)})`
  await session.out.lines([`${printable(dir)}: ${removed}, ${kept}`])
}

/** What is asked for and nothing else; without a flag, what the middleware keeps by default. */
function limitsOf({ files, bytes, age }: PruneOptions) {
  if (files === undefined && bytes === undefined && age === undefined) return DEFAULT_LIMITS
  const none = Number.POSITIVE_INFINITY
  return { files: files ?? none, bytes: bytes ?? none, ageMs: age ?? none }
}
