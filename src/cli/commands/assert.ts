import { Option } from 'commander'
import { type Budget, judge } from '../../analysis/budgets.js'
import { ProfviewError } from '../../errors.js'
import { ACCOUNTS, type Account } from '../../profile/accounts.js'
import type { DumpMeta, Profile } from '../../profile/profile.js'
import { breachText, budgetLines, budgetMarkdown, type Judged } from '../../render/budgets.js'
import { styleFor } from '../../render/style.js'
import { addReadingOptions, type DefineCommand, parseShare, parseTime } from '../command.js'
import { pathsOr } from '../dump-paths.js'
import { combineInputs, type InputOptions } from '../inputs.js'
import type { Session } from '../session.js'

export const defineAssert: DefineCommand = (program, session) => {
  const command = program
    .command('assert')
    .description('budgets of requests, for CI; exit 3 where one is broken beyond noise')
    .argument('[paths...]', 'dumps, ids or directories', [])
    .option('--route <route>', "only requests of this route: 'GET /users/:id'")
    .option('--worker <id>', 'only requests of this worker, or of its thread (2.1)')
  for (const [name, { text }] of DURATIONS) {
    command.option(`--${name} <time>`, text, parseMicros)
  }
  for (const account of ACCOUNTS) {
    command.option(`--${account} <time or share>`, ofAccount(account), parseTimeOrShare)
  }
  command
    .addOption(new Option('--md', 'Markdown, for a pull request').conflicts('json'))
    .option('--json', '{ route, requests, budgets }')
    .addHelpText('after', EXAMPLE)
  addReadingOptions(command)
  command.action((paths: string[], options: AssertOptions) => assert(paths, options, session))
}

// --- internal ---

interface AssertOptions extends InputOptions, Readonly<Partial<Record<Account, Allowed>>> {
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
  readonly mean?: number
  readonly max?: number
  readonly md?: boolean
  readonly json?: boolean
}

type Allowed = { readonly unit: 'micros' | 'share'; readonly value: number }

const DURATIONS = new Map([
  ['p50', { quantile: 0.5, text: 'half of the requests take at most so long: 200ms, 1.5s' }],
  ['p95', { quantile: 0.95, text: 'the same of 95 %' }],
  ['p99', { quantile: 0.99, text: 'the same of 99 %' }],
  ['max', { quantile: 1, text: 'the same of all' }],
  ['mean', { quantile: null, text: 'what they take on average' }],
] as const)

const EXAMPLE = `
Of an account a time is meant per request on average, and a share of the time of all requests.
What is over a budget by no more than chance may do is "within noise", and no breach.

  profview assert profiles --route 'GET /users/:id' --p95 200ms --blocked 10% --cpu 40ms

Exit 0: kept. 3: broken. 1: no such requests, or a bad input.
`

async function assert(paths: string[], options: AssertOptions, session: Session): Promise<void> {
  const budgets = budgetsOf(options)
  if (budgets.length === 0) {
    throw new ProfviewError('BAD_OPTION', 'no budget is given: --p95 200ms is one', { path: '' })
  }
  const read = combineInputs(
    pathsOr(paths, session.io),
    { ...options, kind: 'request', summed: true },
    session,
    requestsOf,
    { keepsApart: true },
  )
  if (!read) return
  const metas = read.result
  if (metas.length === 0) {
    throw new ProfviewError('BAD_INPUT', 'no requests of profview in these files')
  }
  const judged: Judged = {
    route: options.route ?? '',
    requests: metas.length,
    results: budgets.map((budget) => judge(budget, metas)),
  }
  await print(judged, options, session)
  for (const result of judged.results) {
    if (result.verdict === 'broken') session.breach(breachText(judged, result))
  }
}

async function print(judged: Judged, options: AssertOptions, session: Session): Promise<void> {
  if (options.json) return session.out.json([`${JSON.stringify(asJson(judged))}\n`])
  const lines = options.md ? budgetMarkdown(judged) : budgetLines(judged, styleFor(session.screen))
  await session.out.lines(lines)
}

function asJson({ route, requests, results }: Judged) {
  const budgets = results.map(({ what: _, high, ...result }) => ({
    ...result,
    // JSON has no infinity.
    high: Number.isFinite(high) ? high : null,
  }))
  return { route: route === '' ? null : route, requests, budgets }
}

function budgetsOf(options: AssertOptions): Budget[] {
  const budgets: Budget[] = []
  for (const [name, { quantile }] of DURATIONS) {
    const allowed = options[name]
    if (allowed !== undefined) {
      budgets.push({ name, what: { of: 'duration', quantile }, allowed })
    }
  }
  for (const account of ACCOUNTS) {
    const allowed = options[account]
    if (allowed === undefined) continue
    const { unit, value } = allowed
    budgets.push({ name: account, what: { of: account, unit }, allowed: value })
  }
  return budgets
}

/** A dump that comes twice, alone and in a merge, counts once. */
function requestsOf(profiles: Iterable<Profile>): DumpMeta[] {
  const known = new Map<string, DumpMeta>()
  for (const { sources } of profiles) {
    for (const meta of sources) if (meta.kind === 'request') known.set(meta.id, meta)
  }
  return [...known.values()]
}

function ofAccount(account: Account): string {
  return account === 'cpu' ? 'at most so much of this account: 40ms a request, or 10%' : 'the same'
}

function parseMicros(text: string): number {
  return parseTime(text) * 1000
}

function parseTimeOrShare(text: string): Allowed {
  if (text.endsWith('%')) return { unit: 'share', value: parseShare(text) }
  return { unit: 'micros', value: parseMicros(text) }
}
