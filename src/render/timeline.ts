import { ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import { ROOT_STACK } from '../profile/builder.js'
import { frameKind } from '../profile/frames.js'
import { BLOCKED_LABEL, PENDING_LABEL, UP_TO } from '../profile/labels.js'
import type { Frame, LabelSetIndex, Labels, Profile, StackIndex } from '../profile/profile.js'
import { applyView } from '../transform/view.js'
import { boundsText } from './bounds.js'
import { columnsOf } from './columns.js'
import { cutMiddle, fitCall, LEAST_NAME, roomBehind } from './fit.js'
import { amount } from './measure.js'
import { type Locate, locatorFor } from './paths.js'
import { behind, queuedIn } from './queued.js'
import type { Style } from './style.js'
import { belowHeader, type TextOptions } from './text.js'

/** Callers shown behind a function. */
const CALLERS = 3
const MORE = ' < ...'

/**
 * What happened one after the other: start, duration, function and its nearest callers, runs of the
 * same stack joined. Throws `BAD_OPTION` for a profile that has no order in time.
 */
export function* timelineLines(profile: Profile, options: TextOptions = {}): Generator<string> {
  if (!profile.timeline) {
    const fact = 'these samples have no order in time (merged profiles keep none)'
    throw new ProfviewError('BAD_OPTION', `--timeline: ${fact}`, { path: '--timeline' })
  }
  yield* belowHeader(profile, options, function* (style) {
    const shown = applyView(profile, options)
    const locate = locatorFor(profile, options.cwd)
    const texts = new Map<string, string>()
    const runs = runsOf(shown)
    const whole = runs.reduce((sum, { weight }) => sum + weight, 0)
    const rows = runs.map(({ start, weight }) => [
      amount(start, profile.unit),
      amount(weight, profile.unit),
    ])
    const queued = queuedIn(profile.sources)
    if (queued) rows.push(['before', boundsText(queued.bounds)])
    const widths = [0, 1].map((column) =>
      rows.reduce((max, row) => Math.max(max, row[column]!.length), 8),
    )
    const room = roomBehind(widths[0]! + widths[1]! + 4, style.width)
    yield style.dim(`${'start'.padStart(widths[0]!)}  ${'duration'.padStart(widths[1]!)}  function`)
    if (queued) {
      const [start, length] = rows.pop()!.map((text, column) => text.padStart(widths[column]!))
      yield `${style.dim(start!)}  ${length}  queued${behind(queued, locate)}`
    }
    for (let i = 0; i < runs.length; i++) {
      const { stack, labelSet, weight } = runs[i]!
      const remarks = remarksOf(shown.labelSets[labelSet]!)
      const known = texts.get(`${stack} ${remarks}`)
      const text = known ?? stackText(shown, stack, locate, style, room, remarks)
      texts.set(`${stack} ${remarks}`, text)
      const [start, length] = rows[i]!
      const time = style.heat(weight / whole)(length!.padStart(widths[1]!))
      yield `${style.dim(start!.padStart(widths[0]!))}  ${time}  ${text}`
    }
  })
}

// --- internal ---

interface Run {
  readonly stack: StackIndex
  readonly labelSet: LabelSetIndex
  readonly start: number
  readonly weight: number
}

function runsOf({ samples }: Profile): Run[] {
  const runs: Run[] = []
  let start = 0
  for (let i = 0; i < samples.stack.length; ) {
    const stack = samples.stack[i]!
    const labelSet = samples.labelSet[i]!
    let weight = 0
    while (samples.stack[i] === stack && samples.labelSet[i] === labelSet)
      weight += samples.weight[i++]!
    if (weight > 0) runs.push({ stack, labelSet, start, weight })
    start += weight
  }
  return runs
}

/** ` (blocked up to that long)`; '' for none. */
function remarksOf(labels: Labels): string {
  const also = labels.get(PENDING_LABEL)
  const isUpTo = labels.get(BLOCKED_LABEL) === UP_TO
  const remarks = [
    ...(also ? [`${PENDING_LABEL} ${printable(also)}`] : []),
    ...(isUpTo ? [`${BLOCKED_LABEL} ${UP_TO} that long`] : []),
  ]
  return remarks.length === 0 ? '' : ` (${remarks.join(', ')})`
}

/** In `room` columns: the nearest callers that there is room for. */
function stackText(
  profile: Profile,
  stack: StackIndex,
  locate: Locate,
  style: Style,
  all: number,
  remarks: string,
): string {
  // The remarks have what the function leaves, and are cut where that is nothing.
  const said = cutMiddle(remarks, Math.max(all - LEAST_NAME, 0), style.ellipsis)
  const room = all - columnsOf(said)
  // Not all of the stack: a deep one may have as many runs as levels.
  const frames: Frame[] = []
  let at = stack
  for (; at > ROOT_STACK && frames.length <= CALLERS; at = profile.stacks.parent[at]!) {
    frames.push(profile.frames[profile.stacks.frame[at]!]!)
  }
  const [leaf, ...callers] = frames
  if (!leaf) return style.dim(`(root)${said}`)
  const called = printable(leaf.name)
  const { name, place } = fitCall(called, printable(locate(leaf)), room, style.ellipsis)
  const where = place === '' ? '' : `  ${place}`
  const above = callers.map((frame) => ` < ${printable(frame.name)}`)
  let isCut = at > ROOT_STACK
  const length = () => columnsOf(name + where + above.join('')) + (isCut ? MORE.length : 0)
  while (above.length > 0 && length() > room) {
    above.pop()
    isCut = true
  }
  const more = isCut && length() <= room ? MORE : ''
  const shown = style.kind(frameKind(leaf))(name)
  return `${shown}${where === '' ? '' : `  ${style.dim(place)}`}${style.dim(above.join('') + more + said)}`
}
