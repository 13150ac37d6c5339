import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError } from 'commander'
import { ProfviewError } from '../../errors.js'
import { printable } from '../../printable.js'
import { counted } from '../../render/measure.js'
import { LONGEST_FOR_MS } from '../../store/capture-files.js'
import { CaptureSession, type Missing, nameOf } from '../capture-session.js'
import { type DefineCommand, parseAge } from '../command.js'
import { readInputs } from '../inputs.js'
import type { Session } from '../session.js'
import { printThreads } from '../threads.js'
import { outputHelp, requireKnownOutput, writeOutput } from '../write-output.js'

export const defineCapture: DefineCommand = (program, session) => {
  program
    .command('capture')
    .allowExcessArguments(false)
    .description('profile every live worker of a running app at once, and merge')
    .argument('<dir>', 'where the app writes its dumps; workers on any host that shares it')
    .option('--for <time>', 'how long, at most 5m (default: 10s)', parseFor)
    .option(
      '--last <time>',
      'look back, at most 1m; where `slow` (PROFVIEW_SLOW) is set',
      parseLast,
    )
    .option('--timeout <time>', 'wait so long for busy workers after that (default: 10s)', parseAge)
    .option('-o, --output <file>', outputHelp('write it here (default: capture-<time>.cpuprofile)'))
    .option('--json', '{ file, dumps, missing, meta, tree }')
    .addHelpText('after', EXAMPLE)
    .action((dir: string, options: CaptureOptions) => capture(dir, options, session))
}

// --- internal ---

interface CaptureOptions {
  readonly for?: number
  readonly last?: number
  readonly timeout?: number
  readonly output?: string
  readonly json?: boolean
}

const EXAMPLE = `
The app needs nothing but profiler() and that directory. What a worker did, by request:

  profview capture profiles --for 10s
`
const LOOK_EACH_MS = 100
const FARTHEST_MS = 60_000

async function capture(dir: string, options: CaptureOptions, session: Session): Promise<void> {
  const output = options.output ?? defaultOutput()
  requireKnownOutput(output)
  const { last = 0, timeout = 10_000 } = options
  const path = resolve(session.io.cwd, dir)
  const forMs = options.for ?? (last > 0 ? 0 : 10_000)
  const captured = new CaptureSession(path, { forMs, lastMs: last }, timeout)
  const stop = () => {
    captured.close()
    process.exit(INTERRUPTED)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await untilComplete(captured, timeout, session)
  } finally {
    captured.close()
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
  }
  await tell(captured, dir, output, options, session)
}

async function untilComplete(
  captured: CaptureSession,
  timeout: number,
  session: Session,
): Promise<void> {
  const { startsAt, forMs } = captured.request
  while (Date.now() < startsAt + forMs + timeout) {
    captured.look()
    if (captured.isComplete || captured.isDeserted) break
    session.progress(() => captured.progress)
    await sleep(LOOK_EACH_MS)
  }
  session.progressDone()
}

async function tell(
  captured: CaptureSession,
  dir: string,
  output: string,
  options: CaptureOptions,
  session: Session,
): Promise<void> {
  const { dumps, missing } = captured
  for (const each of missing) session.problem(new ProfviewError('IO', missingLine(each)))
  if (dumps.length === 0) {
    if (missing.length === 0) throw nobody(dir)
    return
  }
  const read = readInputs(dumps, { kind: 'process' }, session)
  if (read === null) return
  writeOutput(output, read.profile)
  const what = `${counted(read.inputs, 'worker')}${missingText(missing)}`
  if (!options.json) {
    await printThreads(read.profile, session)
    return session.out.lines(['', `${printable(output)}: ${what}`])
  }
  const { jsonChunks } = await import('../../render/json.js')
  const facts = { file: output, dumps, missing: missing.map(factsOf) }
  await session.out.json(withFacts(facts, jsonChunks(read.profile)))
}

/** In front of the members of an object that comes in pieces. */
function* withFacts(facts: object, chunks: Iterable<string>): Generator<string> {
  let isFirst = true
  for (const chunk of chunks) {
    yield isFirst ? `${JSON.stringify(facts).slice(0, -1)},${chunk.slice(1)}` : chunk
    isFirst = false
  }
}

function factsOf({ thread: { host, pid, workerId, threadId }, reason }: Missing) {
  return { host, pid, workerId, threadId, reason }
}

function missingText({ length }: readonly Missing[]): string {
  return length === 0 ? '' : `; ${length} missing`
}

function nobody(dir: string): ProfviewError {
  const fact = `${printable(dir)}: nobody answers: no app that runs has profiler() with this directory`
  const advice = 'one with PROFVIEW=off never answers'
  return new ProfviewError('BAD_INPUT', `${fact} (${advice})`, { path: dir })
}

/** Two in a second are two. */
function defaultOutput(): string {
  const time = new Date().toISOString().replaceAll(/[-:]/g, '')
  return `capture-${time}.cpuprofile`
}

function parseFor(text: string): number {
  const time = parseAge(text)
  if (time > 0 && time <= LONGEST_FOR_MS) return Math.ceil(time)
  throw new InvalidArgumentError('It lasts 5m at most.')
}

function parseLast(text: string): number {
  const time = parseAge(text)
  if (time > 0 && time <= FARTHEST_MS) return Math.ceil(time)
  throw new InvalidArgumentError('It looks back 1m at most.')
}

/** As shells say it. */
const INTERRUPTED = 130

function missingLine({ thread, reason }: Missing): string {
  return `${nameOf(thread)} has no part in it: ${reason}`
}
