import {
  buildFunctionTable,
  byOwnTime,
  type FunctionTable,
  functionsWithTime,
} from '../analysis/functions.js'
import { entryNoun } from '../analysis/sampling.js'
import { printable } from '../printable.js'
import { totalWeight } from '../profile/calltree.js'
import { frameKind } from '../profile/frames.js'
import type { FrameIndex, Profile } from '../profile/profile.js'
import { DEFAULT_THRESHOLD } from '../transform/view.js'
import { fitCall, roomBehind } from './fit.js'
import { amount, count, counted, percent } from './measure.js'
import { type Locate, locatorFor } from './paths.js'
import type { Style } from './style.js'
import { belowHeader, type TextOptions } from './text.js'

/**
 * A table of functions, most time of their own first: self, total, how long they were in the way
 * where others' code was, how many samples or pieces of time, name and place. Functions that have
 * at least the threshold in none of these times are counted in the last line.
 */
export function flatLines(profile: Profile, options: TextOptions = {}): Generator<string> {
  return belowHeader(profile, options, function* (style) {
    const table = buildFunctionTable(profile)
    const whole = totalWeight(profile)
    const least = Math.abs(whole) * (options.threshold ?? DEFAULT_THRESHOLD)
    const present = functionsWithTime(profile, table).sort(byOwnTime(table))
    const shown = present.filter(
      (frame) => Math.max(Math.abs(table.total[frame]!), table.inTheWay[frame]!) >= least,
    )
    const locate = locatorFor(profile, options.cwd)
    yield* rowLines(profile, table, shown, whole, locate, style)
    const left = present.length - shown.length
    const own = (frames: readonly FrameIndex[]) =>
      frames.reduce((sum, frame) => sum + table.self[frame]!, 0)
    const hidden = (own(present) - own(shown)) / whole
    const all = profile.unit === 'microseconds' ? 'the time' : 'all'
    const share = hidden >= WORTH_SAYING ? `, ${percent(hidden)} of ${all}` : ''
    if (left > 0) yield style.dim(`and ${counted(left, 'function')} under the threshold${share}`)
  })
}

// --- internal ---

/** What is left out goes without saying if it is less. */
const WORTH_SAYING = 0.05

function* rowLines(
  profile: Profile,
  table: FunctionTable,
  shown: readonly FrameIndex[],
  whole: number,
  locate: Locate,
  style: Style,
): Generator<string> {
  const { self, total, samples, inTheWay } = table
  const times: [head: string, Float64Array][] = [
    ['self', self],
    ['total', total],
  ]
  // Others' code is in no profile but ours.
  if (inTheWay.some((time) => time !== 0)) times.push(['in the way', inTheWay])
  const cells = shown.map((frame) => [
    ...times.flatMap(([, time]) => [
      amount(time[frame]!, profile.unit),
      percent(time[frame]! / whole),
    ]),
    count(samples[frame]!),
  ])
  const heads = [...times.flatMap(([head]) => [head, '']), entryNoun(profile)]
  const widths = heads.map((head, column) => {
    let width = head.length
    for (const row of cells) width = Math.max(width, row[column]!.length)
    return width
  })
  const pad = (row: readonly string[]) => row.map((cell, i) => cell.padStart(widths[i]!))
  yield style.dim(`${pad(heads).join('  ')}  function`)
  const before = widths.reduce((sum, width) => sum + width + 2, 0)
  const room = roomBehind(before, style.width)
  for (let i = 0; i < shown.length; i++) {
    const frame = profile.frames[shown[i]!]!
    const row = pad(cells[i]!)
    times.forEach(([, time], column) => {
      row[column * 2] = style.heat(time[shown[i]!]! / whole)(row[column * 2]!)
    })
    const called = printable(frame.name)
    const { name, place } = fitCall(called, printable(locate(frame)), room, style.ellipsis)
    const where = place === '' ? '' : `  ${style.dim(place)}`
    yield `${row.join('  ')}  ${style.kind(frameKind(frame))(name)}${where}`
  }
}
