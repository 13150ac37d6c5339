import { buildFunctionTable, type FunctionTable } from '../analysis/functions.js'
import { entryNoun } from '../analysis/sampling.js'
import { totalWeight } from '../profile/calltree.js'
import { frameKind } from '../profile/frames.js'
import { printable } from '../profile/printable.js'
import type { FrameIndex, Profile } from '../profile/profile.js'
import { DEFAULT_THRESHOLD } from '../transform/view.js'
import { amount, count, percent } from './measure.js'
import { type Locate, locatorFor } from './paths.js'
import type { Style } from './style.js'
import { belowHeader, type TextOptions } from './text.js'

/**
 * A table of functions, most time of their own first: self, total, how many samples or pieces of
 * time, name and place. Functions that have neither self nor total of at least the threshold are
 * counted in the last line.
 */
export function flatLines(profile: Profile, options: TextOptions = {}): Generator<string> {
  return belowHeader(profile, options, function* (style) {
    const table = buildFunctionTable(profile)
    const whole = totalWeight(profile)
    const least = Math.abs(whole) * (options.threshold ?? DEFAULT_THRESHOLD)
    const present = order(profile, table)
    const shown = present.filter((frame) => Math.abs(table.total[frame]!) >= least)
    const locate = locatorFor(profile, options.cwd)
    yield* rowLines(profile, table, shown, whole, locate, style)
    const left = present.length - shown.length
    if (left > 0) yield style.dim(`and ${count(left)} functions under the threshold`)
  })
}

// --- internal ---

function order(profile: Profile, { self, total }: FunctionTable): FrameIndex[] {
  const frames: FrameIndex[] = []
  for (let i = 0; i < profile.frames.length; i++) {
    const isRoot = frameKind(profile.frames[i]!) === 'root' && self[i] === 0
    if (total[i] !== 0 && !isRoot) frames.push(i)
  }
  return frames.sort((a, b) => self[b]! - self[a]! || total[b]! - total[a]! || a - b)
}

function* rowLines(
  profile: Profile,
  { self, total, samples }: FunctionTable,
  shown: readonly FrameIndex[],
  whole: number,
  locate: Locate,
  style: Style,
): Generator<string> {
  const cells = shown.map((frame) => [
    amount(self[frame]!, profile.unit),
    percent(self[frame]! / whole),
    amount(total[frame]!, profile.unit),
    percent(total[frame]! / whole),
    count(samples[frame]!),
  ])
  const heads = ['self', '', 'total', '', entryNoun(profile)]
  const widths = heads.map((head, column) => {
    let width = head.length
    for (const row of cells) width = Math.max(width, row[column]!.length)
    return width
  })
  const pad = (row: readonly string[]) => row.map((cell, i) => cell.padStart(widths[i]!))
  yield style.dim(`${pad(heads).join('  ')}  function`)
  for (let i = 0; i < shown.length; i++) {
    const frame = profile.frames[shown[i]!]!
    const row = pad(cells[i]!)
    row[0] = style.heat(self[shown[i]!]! / whole)(row[0]!)
    row[2] = style.heat(total[shown[i]!]! / whole)(row[2]!)
    const name = style.kind(frameKind(frame))(printable(frame.name))
    const place = locate(frame)
    yield `${row.join('  ')}  ${name}${place === '' ? '' : `  ${style.dim(printable(place))}`}`
  }
}
