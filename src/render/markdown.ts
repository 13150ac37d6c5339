import { ACCOUNTS } from '../profile/accounts.js'
import { sumOfLedger } from '../profile/ledger.js'
import type { Profile } from '../profile/profile.js'
import { applyView, DEFAULT_THRESHOLD } from '../transform/view.js'
import { COST_COLUMNS, costRows } from './costs.js'
import { findingsOf } from './findings/findings.js'
import { headerOf, isEmpty } from './header.js'
import { code, codeBlock, inline, PLAIN } from './markdown-parts.js'
import { duration, percent } from './measure.js'
import { locatorFor } from './paths.js'
import { markdownTable } from './table.js'
import type { TextOptions } from './text.js'
import { treeLines } from './tree-lines.js'

/**
 * The report for a pull request: the facts, the ledger as a table, what stands out, the call tree
 * in a code block.
 */
export function* markdownLines(profile: Profile, options: TextOptions = {}): Generator<string> {
  const { title, status, total, facts, ledger, warnings } = headerOf(profile)
  yield `### ${code(title)}${status === '' ? '' : ` → ${status}`}, ${total}`
  if (facts.length > 0) {
    yield ''
    yield inline(facts.join(' · '))
  }
  for (const warning of warnings) {
    yield ''
    yield `> **Warning:** ${inline(warning)}`
  }
  if (ledger) {
    const whole = sumOfLedger(ledger) || 1
    yield ''
    yield `| ${ACCOUNTS.join(' | ')} |`
    yield `|${' ---: |'.repeat(ACCOUNTS.length)}`
    yield `| ${ACCOUNTS.map((account) => duration(ledger[account])).join(' | ')} |`
    yield `| ${ACCOUNTS.map((account) => percent(ledger[account] / whole)).join(' | ')} |`
  }
  yield ''
  if (isEmpty(profile)) {
    yield 'No samples were recorded.'
    return
  }
  const locate = locatorFor(profile, options.cwd)
  const findings = findingsOf(profile, locate)
  for (const { text } of findings) yield `- ${inline(text)}`
  if (findings.length > 0) yield ''
  const costs = costRows(profile)
  if (costs.length > 0) {
    yield* markdownTable(COST_COLUMNS, costs, inline)
    yield ''
  }
  const shown = applyView(profile, options)
  yield* codeBlock(shown, treeLines(shown, locate, PLAIN, options.threshold ?? DEFAULT_THRESHOLD))
}

/** The same in one string, a line break at its end. */
export function renderMarkdown(profile: Profile, options: TextOptions = {}): string {
  return `${[...markdownLines(profile, options)].join('\n')}\n`
}
