/** Budgets and what became of them: a table in the terminal, or in a pull request. */
import type { BudgetResult, BudgetVerdict } from '../analysis/budgets.js'
import { printable } from '../printable.js'
import { code, inline } from './markdown-parts.js'
import { counted, duration, percent } from './measure.js'
import type { Style } from './style.js'
import { type Column, markdownTable, tableLines } from './table.js'

export interface Judged {
  /** `GET /users/:id`; '' for all. */
  readonly route: string
  readonly requests: number
  readonly results: readonly BudgetResult[]
}

/** What it says of itself, in one word or two. */
export const VERDICTS: Readonly<Record<BudgetVerdict, string>> = {
  kept: 'ok',
  noise: 'within noise',
  broken: 'BROKEN',
}

export function* budgetLines(judged: Judged, style: Style): Generator<string> {
  yield style.bold(titleOf(judged))
  yield* tableLines(columnsOf(style), judged.results, 0, style)
}

export function* budgetMarkdown(judged: Judged): Generator<string> {
  const broken = judged.results.filter(({ verdict }) => verdict === 'broken').length
  const outcome = broken === 0 ? 'budgets kept' : `${counted(broken, 'budget')} broken`
  yield `### ${code(nameOf(judged))}: ${outcome}`
  yield ''
  yield inline(`${counted(judged.requests, 'request')}; 95 %: where it is with that confidence`)
  yield ''
  yield* markdownTable(COLUMNS, judged.results, inline)
}

/** `GET /x: p95 is 312 ms, and 200 ms are allowed` */
export function breachText(judged: Judged, result: BudgetResult): string {
  const { name, measured, allowed } = result
  const write = writerOf(result)
  return `${nameOf(judged)}: ${name} is ${write(measured)}, over ${write(allowed)}`
}

// --- internal ---

function nameOf({ route }: Judged): string {
  return route === '' ? 'all requests' : printable(route)
}

function titleOf(judged: Judged): string {
  return `${nameOf(judged)}, ${counted(judged.requests, 'request')}`
}

const COLUMNS: readonly Column<BudgetResult>[] = [
  { head: 'budget', text: ({ name }) => name },
  { head: 'measured', text: (result) => writerOf(result)(result.measured), right: true },
  { head: 'allowed', text: (result) => writerOf(result)(result.allowed), right: true },
  { head: '95 %', text: rangeText, right: true },
  { head: 'verdict', text: ({ verdict }) => VERDICTS[verdict] },
]

function columnsOf(style: Style): readonly Column<BudgetResult>[] {
  const paint = ({ verdict }: BudgetResult) => (verdict === 'broken' ? style.bold : style.dim)
  return COLUMNS.map((column) => (column.head === 'verdict' ? { ...column, paint } : column))
}

function writerOf({ unit }: BudgetResult): (value: number) => string {
  return unit === 'share' ? percent : duration
}

function rangeText(result: BudgetResult): string {
  const { low, high } = result
  const write = writerOf(result)
  return high === Number.POSITIVE_INFINITY ? `over ${write(low)}` : `${write(low)} – ${write(high)}`
}
