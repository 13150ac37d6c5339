import { printable } from '../printable.js'
import type { Profile } from '../profile/profile.js'
import { applyView, DEFAULT_THRESHOLD, type View } from '../transform/view.js'
import { COST_COLUMNS, costRows } from './costs.js'
import { findingsOf } from './findings/findings.js'
import { headerOf, isEmpty, ledgerEntries } from './header.js'
import { shownParts } from './parts.js'
import { type Locate, locatorFor } from './paths.js'
import { DELAYED_COLUMNS, delayedIn, moreText } from './stall.js'
import { type Screen, type Style, styleFor } from './style.js'
import { tableLines } from './table.js'
import { treeLines } from './tree-lines.js'

export interface TextOptions extends View, Partial<Screen> {
  /** Paths of the app are shown from here on. */
  readonly cwd?: string
}

/**
 * The profile as text: the request, its ledger, what stands out, and the call tree with library
 * frames folded. Ends with a line break. Plain ASCII decoration unless `color` and `unicode` ask
 * for more.
 */
export function renderText(profile: Profile, options: TextOptions = {}): string {
  return `${[...textLines(profile, options)].join('\n')}\n`
}

/** The same line by line, for what is too long for one string. */
export function textLines(profile: Profile, options: TextOptions = {}): Generator<string> {
  return belowHeader(profile, options, function* (style) {
    const locate = locatorFor(profile, options.cwd)
    yield* summaryLines(profile, locate, style)
    const shown = applyView(profile, options)
    yield* treeLines(shown, locate, style, options.threshold ?? DEFAULT_THRESHOLD)
  })
}

/** The header, and below it what is shown of a profile that has samples. */
export function* belowHeader(
  profile: Profile,
  options: TextOptions,
  body: (style: Style) => Iterable<string>,
): Generator<string> {
  const style = styleFor(screenOf(options))
  yield* headerLines(profile, style)
  yield ''
  if (isEmpty(profile)) yield 'No samples were recorded.'
  else yield* body(style)
}

/** Who, when, and where the time went, without the tree. */
export function headerLines(profile: Profile, style: Style): string[] {
  const { title, status, total, facts, queued, warnings } = headerOf(profile)
  const outcome = status === '' ? '' : ` ${style.arrow} ${status}`
  const lines = [`${style.bold(title)}${outcome}  ${style.bold(total)}`]
  if (facts.length > 0) lines.push(style.dim(facts.join(` ${style.dot} `)))
  if (queued !== '') lines.push(style.account('blocked')(queued))
  const accounts = ledgerEntries(profile.sources).map(({ account, name, time, share }) => {
    return style.account(account)(`${name} ${time} (${share})`)
  })
  if (accounts.length > 0) lines.push(accounts.join(` ${style.dim(style.dot)} `))
  for (const warning of warnings) lines.push(`warning: ${printable(warning)}`)
  return lines
}

/** What stands out, and in a merged profile who held the others up; a blank line behind each. */
export function* summaryLines(profile: Profile, locate: Locate, style: Style): Generator<string> {
  const findings = findingsOf(profile, locate)
  for (const { text } of findings)
    yield text.replaceAll('±', style.plusMinus).replaceAll('×', style.times)
  if (findings.length > 0) yield ''
  yield* delayedLines(profile, style)
  yield* partLines(profile, style)
  const costs = costRows(profile)
  if (costs.length === 0) return
  yield* tableLines(COST_COLUMNS, costs, style.width, style)
  yield ''
}

/** Which files and threads it is of. */
function* partLines(profile: Profile, style: Style): Generator<string> {
  const { shown, columns, more } = shownParts(profile)
  if (shown.length === 0) return
  yield* tableLines(columns, shown, style.width, style)
  if (more !== '') yield more
  yield ''
}

/** Who waited for a stall. */
function* delayedLines(profile: Profile, style: Style): Generator<string> {
  const { shown, more } = delayedIn(profile)
  if (shown.length === 0) return
  yield* tableLines(DELAYED_COLUMNS, shown, style.width, style)
  if (more > 0) yield moreText(more, style.ellipsis)
  yield ''
}

export function screenOf(screen: Partial<Screen>): Screen {
  const { color = false, unicode = false, width = 0 } = screen
  return { color, unicode, width }
}
