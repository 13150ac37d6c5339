import { printable } from '../profile/printable.js'
import type { Profile } from '../profile/profile.js'
import { applyView, DEFAULT_THRESHOLD, type View } from '../transform/view.js'
import { headerOf, isEmpty, ledgerEntries } from './header.js'
import { locatorFor } from './paths.js'
import { type Screen, type Style, styleFor } from './style.js'
import { treeLines } from './tree-lines.js'

export interface TextOptions extends View, Partial<Screen> {
  /** Paths of the app are shown from here on. */
  readonly cwd?: string
}

/**
 * The profile as text: the request, its ledger, and its call tree with library frames folded.
 * Ends with a line break. Plain ASCII decoration unless `color` and `unicode` ask for more.
 */
export function renderText(profile: Profile, options: TextOptions = {}): string {
  return `${[...textLines(profile, options)].join('\n')}\n`
}

/** The same line by line, for what is too long for one string. */
export function* textLines(profile: Profile, options: TextOptions = {}): Generator<string> {
  const style = styleFor(screenOf(options))
  yield* headerLines(profile, style)
  yield ''
  if (isEmpty(profile)) {
    yield 'No samples were recorded.'
    return
  }
  const shown = applyView(profile, options)
  const locate = locatorFor(profile, options.cwd ?? '')
  yield* treeLines(shown, locate, style, options.threshold ?? DEFAULT_THRESHOLD)
}

/** Who, when, and where the time went, without the tree. */
export function headerLines(profile: Profile, style: Style): string[] {
  const { title, status, total, facts, ledger, warnings } = headerOf(profile)
  const dot = ` ${style.dim(style.dot)} `
  const outcome = status === '' ? '' : ` ${style.arrow} ${status}`
  const lines = [`${style.bold(title)}${outcome}  ${style.bold(total)}`]
  if (facts.length > 0) lines.push(style.dim(facts.join(` ${style.dot} `)))
  if (ledger) {
    const accounts = ledgerEntries(ledger).map(({ account, text }) =>
      style.kind(account === 'cpu' ? 'app' : account)(text),
    )
    lines.push(accounts.join(dot))
  }
  for (const warning of warnings) lines.push(`warning: ${printable(warning)}`)
  return lines
}

export function screenOf({ color = false, unicode = false }: Partial<Screen>): Screen {
  return { color, unicode }
}
