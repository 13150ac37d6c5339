import type { ProfileDiff } from '../../analysis/diff.js'
import { printable } from '../../printable.js'
import { applyView, DEFAULT_THRESHOLD } from '../../transform/view.js'
import { isEmpty } from '../header.js'
import { code, codeBlock, inline, PLAIN } from '../markdown-parts.js'
import { amount, change } from '../measure.js'
import { type Locate, locatorFor } from '../paths.js'
import { type Style, styleFor } from '../style.js'
import { markdownTable, tableLines } from '../table.js'
import { screenOf, type TextOptions } from '../text.js'
import { treeLines } from '../tree-lines.js'
import { diffColumns, diffTitle, perWhat, shownRows, sideFacts } from './diff-table.js'

/**
 * What changed, as text: both sides, the functions with the largest changes, and the tree of the
 * differences.
 */
export function* diffLines(diff: ProfileDiff, options: TextOptions = {}): Generator<string> {
  const { before, after, profile } = diff
  const style = styleFor(screenOf(options))
  const total = after.perRequest - before.perRequest
  const sides = [before, after].map(
    (side) => `${style.bold(amount(side.perRequest, profile.unit))} (${sideFacts(side)})`,
  )
  const sum = style.bold(style.change(total)(change(total, profile.unit)))
  const title = style.bold(diffTitle(diff, style.arrow))
  yield `${title}  before ${sides[0]} ${style.arrow} after ${sides[1]}: ${sum} ${perWhat(diff)}${doubt(diff)}`
  for (const warning of profile.warnings) yield `warning: ${printable(warning)}`
  yield ''
  if (isEmpty(profile)) {
    yield 'No difference.'
    return
  }
  const parts = partsOf(diff, options)
  if (parts.rows.length > 0) {
    const columns = diffColumns(parts.rows, profile.unit, parts.locate, style)
    yield* tableLines(columns, parts.rows, style.width, style)
    yield ''
  }
  yield* parts.tree(style)
}

/** The same for a pull request. */
export function* diffMarkdown(diff: ProfileDiff, options: TextOptions = {}): Generator<string> {
  const { before, after, profile } = diff
  const [a, b] = [before, after].map((side) => amount(side.perRequest, profile.unit))
  const total = change(after.perRequest - before.perRequest, profile.unit)
  yield `### ${code(diffTitle(diff, PLAIN.arrow))}: ${a} → ${b}, ${total} ${perWhat(diff)}${doubt(diff)}`
  yield ''
  yield inline(`before: ${sideFacts(before)} · after: ${sideFacts(after)}`)
  for (const warning of profile.warnings) {
    yield ''
    yield `> **Warning:** ${inline(printable(warning))}`
  }
  yield ''
  if (isEmpty(profile)) {
    yield 'No difference.'
    return
  }
  const parts = partsOf(diff, options)
  if (parts.rows.length > 0) {
    const columns = diffColumns(parts.rows, profile.unit, parts.locate, PLAIN)
    yield* markdownTable(columns, parts.rows, inline)
    yield ''
  }
  yield* codeBlock(profile, parts.tree(PLAIN))
}

// --- internal ---

/** What both outputs show. */
function partsOf(diff: ProfileDiff, options: TextOptions) {
  const { before, after, profile } = diff
  const whole = Math.max(before.perRequest, after.perRequest)
  const threshold = options.threshold ?? DEFAULT_THRESHOLD
  const shown = applyView(profile, { ...options, whole })
  const locate: Locate = locatorFor(profile, options.cwd)
  const write = (style: Style) => (weight: number) =>
    style.change(weight)(change(weight, profile.unit))
  return {
    locate,
    rows: shownRows(diff, whole * threshold, options.foldLibraries === false),
    tree: (style: Style) =>
      treeLines(shown, locate, style, threshold, { whole, write: write(style) }),
  }
}

/** Of the whole. */
function doubt({ before, after, stacks }: ProfileDiff): string {
  const isClear = stacks.verdict[0] !== 0 || before.perRequest === after.perRequest
  return isClear ? '' : ' (cannot tell it from noise)'
}
