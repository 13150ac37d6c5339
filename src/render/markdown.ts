import type { Profile } from '../profile/profile.js'
import { applyView, DEFAULT_THRESHOLD } from '../transform/view.js'
import { COST_COLUMNS, costRows } from './costs.js'
import { findingsOf } from './findings/findings.js'
import { headerOf, isEmpty, ledgerEntries } from './header.js'
import { code, codeBlock, inline, PLAIN } from './markdown-parts.js'
import { shownParts } from './parts.js'
import { locatorFor } from './paths.js'
import { DELAYED_COLUMNS, delayedIn, moreText } from './stall.js'
import { markdownTable } from './table.js'
import type { TextOptions } from './text.js'
import { treeLines } from './tree-lines.js'

/**
 * The report for a pull request: the facts, the ledger as a table, what stands out, the call tree
 * in a code block.
 */
export function* markdownLines(profile: Profile, options: TextOptions = {}): Generator<string> {
  const { title, status, total, facts, queued, warnings } = headerOf(profile)
  yield `### ${code(title)}${status === '' ? '' : ` → ${status}`}, ${total}`
  if (facts.length > 0) {
    yield ''
    yield inline(facts.join(' · '))
  }
  for (const warning of warnings) {
    yield ''
    yield `> **Warning:** ${inline(warning)}`
  }
  if (queued !== '') {
    yield ''
    yield inline(queued)
  }
  const accounts = ledgerEntries(profile.sources)
  if (accounts.length > 0) {
    yield ''
    yield `| ${accounts.map(({ name }) => name).join(' | ')} |`
    yield `|${' ---: |'.repeat(accounts.length)}`
    yield `| ${accounts.map(({ time }) => time).join(' | ')} |`
    yield `| ${accounts.map(({ share }) => share).join(' | ')} |`
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
  const { shown: delayed, more } = delayedIn(profile)
  if (delayed.length > 0) {
    yield* markdownTable(DELAYED_COLUMNS, delayed, inline)
    yield ''
    if (more > 0) yield* [moreText(more, '…'), '']
  }
  const { shown: parts, columns, more: others } = shownParts(profile)
  if (parts.length > 0) {
    yield* markdownTable(columns, parts, inline)
    yield ''
    if (others !== '') yield* [others, '']
  }
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
