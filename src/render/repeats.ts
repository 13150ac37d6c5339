/** What `profview get -n` says of many requests. */
import type { Repeats, SpreadPart } from '../analysis/repeats.js'
import { printable } from '../printable.js'
import { ACCOUNTS } from '../profile/accounts.js'
import { duration, errorPercent, joined, percent } from './measure.js'
import { locatorForFunctions } from './paths.js'
import type { Style } from './style.js'
import { type Column, tableLines } from './table.js'

export function* repeatLines(
  title: string,
  repeats: Repeats,
  style: Style,
  cwd: string,
): Generator<string> {
  const { count, median, fastest, slowest, mean } = repeats
  const range = Number.isFinite(median.high)
    ? ` (95 %: ${joined(duration(median.low), 'to', duration(median.high))})`
    : ''
  yield style.bold(
    `${printable(title)}, ${count} times: median ${duration(median.measured)}${range}`,
  )
  const ends = joined(duration(fastest), 'to', duration(slowest))
  yield `from ${ends}, mean ${duration(mean)}`
  yield verdictText(repeats)
  yield ''
  const rows = repeats.verdict === 'told' ? withCauses(repeats) : repeats.accounts
  yield* tableLines(columnsFor(rows, cwd), rows, 0, style)
}

// --- internal ---

function verdictText({ verdict, causes, fastest, slowest }: Repeats): string {
  switch (verdict) {
    case 'few':
      return 'They are too few to tell what makes slow ones slow: -n 20 may.'
    case 'alike': {
      const more = percent(fastest === 0 ? 0 : slowest / fastest - 1)
      return `They are alike: the slowest took ${more} longer than the fastest.`
    }
    case 'noise':
      return 'What makes slow ones slow cannot be told from noise: no account differs with them.'
    case 'told': {
      const accounts = causes.filter(({ name }) => name === '')
      const parts = accounts.map((part) => `${part.account} (${shareText(part)})`)
      return `What differs between slow and fast ones is ${parts.join(', ')}.`
    }
  }
}

function withCauses({ accounts, causes }: Repeats): readonly SpreadPart[] {
  return ACCOUNTS.flatMap((account) => [
    ...accounts.filter((part) => part.account === account),
    ...causes.filter((part) => part.account === account && part.name !== ''),
  ])
}

function shareText({ share, error }: SpreadPart): string {
  return `${percent(share)} of the difference, ± ${errorPercent(error)}`
}

function columnsFor(rows: readonly SpreadPart[], cwd: string): readonly Column<SpreadPart>[] {
  const locate = locatorForFunctions(rows, cwd)
  const nameOf = (part: SpreadPart) =>
    part.name === '' ? part.account : printable(`  ${part.name}  ${locate(part)}`).trimEnd()
  return [
    { head: 'mean of', text: nameOf },
    { head: 'fast half', text: ({ fast }) => duration(fast), right: true },
    { head: 'slow half', text: ({ slow }) => duration(slow), right: true },
    { head: 'of the difference', text: ({ share }) => percent(share), right: true },
    { head: '±', text: errorText, right: true },
  ]
}

function errorText({ error }: SpreadPart): string {
  return Number.isFinite(error) ? errorPercent(error) : ''
}
