import type { Profile } from '../profile/profile.js'
import { ACCOUNTS } from '../profile/profile.js'
import { applyView, DEFAULT_THRESHOLD } from '../transform/view.js'
import { headerOf, isEmpty } from './header.js'
import { duration, percent } from './measure.js'
import { locatorFor } from './paths.js'
import { styleFor } from './style.js'
import type { TextOptions } from './text.js'
import { treeLines } from './tree-lines.js'

/** The report for a pull request: the facts, the ledger as a table, the call tree in a code block. */
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
    const whole = ACCOUNTS.reduce((sum, account) => sum + ledger[account], 0) || 1
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
  yield* treeBlock(profile, options)
}

/** The same in one string, a line break at its end. */
export function renderMarkdown(profile: Profile, options: TextOptions = {}): string {
  return `${[...markdownLines(profile, options)].join('\n')}\n`
}

// --- internal ---

function* treeBlock(profile: Profile, options: TextOptions): Generator<string> {
  const shown = applyView(profile, options)
  const locate = locatorFor(profile, options.cwd ?? '')
  const style = styleFor({ color: false, unicode: true })
  // Longer than any run of backticks in a name.
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1))
  yield `${fence}text`
  yield* treeLines(shown, locate, style, options.threshold ?? DEFAULT_THRESHOLD)
  yield fence
}

function longestRun({ frames }: Profile): number {
  let longest = 0
  for (const { name, file } of frames) {
    for (const [run] of `${name} ${file}`.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  }
  return longest
}

/** As code, whatever backticks are in it. */
function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`'
  const gap = fence === '``' ? ' ' : ''
  return `${fence}${gap}${text.replaceAll('``', "''")}${gap}${fence}`
}

/** Markdown and HTML in a text are shown, not obeyed. */
function inline(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&')
}
