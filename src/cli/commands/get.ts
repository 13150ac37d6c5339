import { Option } from 'commander'
import { diffSides } from '../../analysis/diff.js'
import { mergeSide } from '../../analysis/diff-side.js'
import { compareRepeats, type Repeat, repeatOf } from '../../analysis/repeats.js'
import { ProfviewError } from '../../errors.js'
import { asWritten } from '../../formats/shared/dump-meta-check.js'
import { printable } from '../../printable.js'
import { routeOf } from '../../profile/labels.js'
import type { DumpMeta, Profile } from '../../profile/profile.js'
import { diffJsonChunks } from '../../render/diff/json.js'
import { diffLines } from '../../render/diff/text.js'
import { jsonChunks } from '../../render/json.js'
import { repeatLines } from '../../render/repeats.js'
import { styleFor } from '../../render/style.js'
import { addReadingOptions, type DefineCommand, gather, parseCount, parseTime } from '../command.js'
import { defaultDir } from '../dump-paths.js'
import { askedFor, type Header, parseHeader, parseMethod } from '../get/asked.js'
import { type GetSettings, getProfiled, type Profiled, Received } from '../get/profiled-request.js'
import { combineInputs, type InputOptions, readInputs } from '../inputs.js'
import { type PrintOptions, printProfile } from '../print.js'
import { secretOf } from '../secret.js'
import type { Session } from '../session.js'
import { viewOf } from '../view-options.js'

export const defineGet: DefineCommand = (program, session) => {
  const command = program
    .command('get')
    .allowExcessArguments(false)
    .description('request an address with the trigger, and show its profile')
    .argument('<url>', 'of an app with profview in it; with the next ones it redirects to')
    .option('-n, --repeat <count>', 'so many times, one after the other: what differs?', parseTimes)
    .option('--against <path>', 'compare with these: a dump, an id or a directory')
    .option('--dir <dir>', 'where the app writes its dumps (default: they come as the answers)')
    .option('--token', 'sign each request by the secret in $PROFVIEW_SECRET')
    .option('-X, --request <method>', 'as curl', parseMethod)
    .option('-H, --header <header>', 'as curl (repeatable)', parseHeader)
    .option('-d, --data <data>', 'as curl; @file for its text (repeatable)', gather)
    .option('--timeout <time>', 'for each answer (default: 60s)', parseTime, 60_000)
    .option('--no-source-maps', 'functions as they were compiled, not as they were written')
    .addOption(new Option('--md', 'Markdown, for a pull request').conflicts('json'))
    .option('--json', '{ requests, repeats }, or with --against what `diff --json` prints')
    .addHelpText('after', EXAMPLE)
  addReadingOptions(command)
  command.action((url: string, options: GetOptions) => get(url, options, session))
}

// --- internal ---

interface GetOptions extends InputOptions, PrintOptions {
  readonly repeat?: number
  readonly against?: string
  readonly dir?: string
  readonly token?: boolean
  readonly request?: string
  readonly header?: readonly Header[]
  readonly data?: string[]
  readonly timeout: number
}

const EXAMPLE = `
  profview get http://localhost:3000/users/7
  profview get -n 20 --against main.cpuprofile http://localhost:3000/users/7
  PROFVIEW_SECRET=... profview get --token -H 'Cookie: session=1' https://example.com/users/7

Nothing is sent twice. Redirects are followed; what is given with -H stays with the first origin.
`

async function get(text: string, options: GetOptions, session: Session): Promise<void> {
  const { repeat = 1 } = options
  const asked = askedFor(text, options)
  const settings = settingsOf(options, session)
  const received = new Received()
  try {
    const all: Profiled[] = []
    for (let i = 0; i < repeat; i++) {
      session.progress(() => `request ${i + 1} of ${repeat}`)
      all.push(...(await getProfiled(asked, settings, received)))
    }
    session.progressDone()
    await print(all, options, session)
  } finally {
    received.remove()
  }
}

function settingsOf(options: GetOptions, { io }: Session): GetSettings {
  return {
    dir: options.dir ?? null,
    otherDir: defaultDir(io),
    secret: options.token ? secretOf(io.env.PROFVIEW_SECRET) : null,
    header: (io.env.PROFVIEW_HEADER || 'x-profile').toLowerCase(),
    query: io.env.PROFVIEW_QUERY || 'profile',
    timeoutMs: options.timeout,
    mostBytes: options.maxMemory ?? 512e6,
  }
}

async function print(all: Profiled[], options: GetOptions, session: Session): Promise<void> {
  if (options.against !== undefined) return compare(all, options.against, options, session)
  if (options.json) return printJson(all, options, session)
  if (options.repeat !== undefined) await printRepeats(all, options, session)
  const merged = options.repeat !== undefined ? [all] : all.map((each) => [each])
  for (const [i, files] of merged.entries()) {
    if (i > 0) await session.out.lines([''])
    const read = readInputs(filesOf(files), { ...options, summed: true }, session)
    if (read) await printProfile(read.profile, options, session)
  }
}

/** Those of one route together: a redirect leads to another one. */
async function printRepeats(all: Profiled[], options: GetOptions, session: Session): Promise<void> {
  for (const [title, repeats] of repeatsIn(all, options, session)) {
    const lines = repeatLines(
      title,
      compareRepeats(repeats),
      styleFor(session.screen),
      session.io.cwd,
    )
    await session.out.lines([...lines, ''])
  }
}

function repeatsIn(all: Profiled[], options: GetOptions, session: Session): Map<string, Repeat[]> {
  const byRoute = new Map<string, Repeat[]>()
  const gatherRepeats = (profiles: Iterable<Profile>) => {
    for (const profile of profiles) {
      const repeat = repeatOf(profile)
      if (repeat === null) continue
      const route = routeOf(repeat.meta)
      byRoute.set(route, [...(byRoute.get(route) ?? []), repeat])
    }
  }
  combineInputs(filesOf(all), options, session, gatherRepeats, { keepsApart: true })
  return byRoute
}

async function compare(
  all: Profiled[],
  against: string,
  options: GetOptions,
  session: Session,
): Promise<void> {
  const after = combineInputs(filesOf(all), options, session, mergeSide)
  if (!after) return
  // Of a directory, only what answers the same.
  const routes = new Set(after.result.profile.sources.map((meta: DumpMeta) => routeOf(meta)))
  const [route] = routes
  const filter = routes.size === 1 && route !== undefined ? { route } : {}
  const own = new Set(all.map(({ id }) => id))
  const earlier = (profiles: Iterable<Profile>) => mergeSide(without(profiles, own))
  const before = combineInputs([against], { ...options, ...filter }, session, earlier)
  if (!before) return
  if (before.result.requests === 0) throw new ProfviewError('BAD_INPUT', nothingEarlier(against))
  const changes = diffSides(before.result, after.result)
  if (options.json) return session.out.json(diffJsonChunks(changes))
  const view = { ...viewOf(options), ...session.screen, cwd: session.io.cwd }
  await session.out.lines(diffLines(changes, view))
}

async function printJson(all: Profiled[], options: GetOptions, session: Session): Promise<void> {
  const repeats = [...repeatsIn(all, options, session)].map(([route, list]) => {
    return { route, ...compareRepeats(list) }
  })
  const isOne = options.repeat === undefined
  await session.out.json(jsonOf(all, isOne ? null : repeats, options, session))
}

/** Of a single request the tree, too, as of `show --json`. */
function* jsonOf(
  all: readonly Profiled[],
  repeats: readonly unknown[] | null,
  options: GetOptions,
  session: Session,
): Generator<string> {
  let separator = '{"requests":['
  for (const { url, method, status, id, tookMs, file, isKept } of all) {
    const micros = Math.round(tookMs * 1000)
    const facts = { url, method, status, id, clientMicros: micros, file: isKept ? file : null }
    yield `${separator}${JSON.stringify(facts).slice(0, -1)},"profile":`
    const read = readInputs([file], { ...options, summed: true }, session)
    if (!read) yield 'null'
    else if (repeats === null) yield* jsonChunks(read.profile)
    else yield JSON.stringify({ meta: asWritten(read.profile.sources[0]!) })
    yield '}'
    separator = ',\n'
  }
  yield `],\n"repeats":${repeats === null ? 'null' : JSON.stringify(repeats)}}\n`
}

/** The directory may be the one that these were written to, just now. */
function* without(profiles: Iterable<Profile>, ids: ReadonlySet<string>): Generator<Profile> {
  for (const profile of profiles) {
    const [source] = profile.sources
    if (profile.sources.length !== 1 || !ids.has(source!.id)) yield profile
  }
}

function nothingEarlier(against: string): string {
  return `${printable(against)}: nothing to compare with but these requests themselves`
}

function filesOf(all: readonly Profiled[]): string[] {
  return all.map(({ file }) => file)
}

function parseTimes(text: string): number {
  return Math.max(1, parseCount(text))
}
