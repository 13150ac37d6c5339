/** The functions of a diff as rows, and how they are called, for every output. */

import type { DiffSide, ProfileDiff } from '../../analysis/diff.js'
import type { Changes } from '../../analysis/diff-changes.js'
import { changedFunctions, functionsForPeople } from '../../analysis/diff-rows.js'
import { printable } from '../../printable.js'
import { ROOT_FRAME } from '../../profile/builder.js'
import type { Frame, FrameIndex, Unit } from '../../profile/profile.js'
import { amount, change, count, counted } from '../measure.js'
import { nounOf } from '../names.js'
import type { Locate } from '../paths.js'
import type { Paint, Style } from '../style.js'
import type { Column } from '../table.js'

/** A function or a wait that has changed, callees included. Times are per request. */
export interface DiffRow {
  readonly frame: Frame
  readonly before: number
  readonly after: number
  readonly samplesBefore: number | null
  readonly samplesAfter: number | null
  readonly verdict: DiffVerdict
  /** What it ran for others, which is not in its own times; null where that was nothing. */
  readonly inTheWay: ChangeInTheWay | null
}

export interface ChangeInTheWay {
  readonly before: number
  readonly after: number
  readonly verdict: DiffVerdict
}

export type DiffVerdict = 'slower' | 'faster' | 'cannot tell'

/** All that has changed, the largest change first. */
export function diffRows(diff: ProfileDiff): DiffRow[] {
  return rowsOf(diff, changedFunctions(diff))
}

/** Those for people, or all but the root where everything is wanted. */
export function shownRows(diff: ProfileDiff, least: number, everything: boolean): DiffRow[] {
  const wanted = everything
    ? changedFunctions(diff).filter((frame) => frame !== ROOT_FRAME)
    : functionsForPeople(diff, least)
  return rowsOf(diff, wanted.slice(0, MOST))
}

export function verdictName(verdict: number): DiffVerdict {
  return verdict > 0 ? 'slower' : verdict < 0 ? 'faster' : 'cannot tell'
}

export function diffColumns(
  rows: readonly DiffRow[],
  unit: Unit,
  locate: Locate,
  style: Style,
): Column<DiffRow>[] {
  const samples = ({ samplesBefore, samplesAfter }: DiffRow) =>
    samplesBefore === null || samplesAfter === null || samplesBefore + samplesAfter === 0
      ? ''
      : `${count(samplesBefore)} ${style.arrow} ${count(samplesAfter)}`
  const place = ({ frame }: DiffRow) => {
    const at = locate(frame)
    return printable(frame.name) + (at === '' ? '' : `  ${printable(at)}`)
  }
  // Who was in the way may have done nothing else.
  const own = (text: (row: DiffRow) => string) => (row: DiffRow) =>
    row.before === 0 && row.after === 0 ? '' : text(row)
  return [
    {
      head: 'change',
      text: own(({ before, after }) => change(after - before, unit)),
      right: true,
      paint: (row) => paintOf(row, style),
    },
    { head: 'before', text: own(({ before }) => amount(before, unit)), right: true },
    { head: 'after', text: own(({ after }) => amount(after, unit)), right: true },
    { head: 'samples', text: samples, right: true },
    { head: '', text: verdictText, paint: (row) => paintOf(row, style) },
    ...(rows.some(({ inTheWay }) => inTheWay !== null) ? inTheWayColumns(unit, style) : []),
    { head: 'function', text: place },
  ]
}

/** `24 requests, 1,203 samples` */
export function sideFacts({ requests, samples, sources }: DiffSide): string {
  const known = samples === null ? '' : `, ${counted(samples, 'sample')}`
  return counted(requests, nounOf(requests, sources)) + known
}

/** What a time is the time of: `per request`. */
export function perWhat({ before, after }: ProfileDiff): string {
  const [a, b] = [before, after].map(({ requests, sources }) => nounOf(requests, sources))
  return `per ${a === b ? a : 'recording'}`
}

/** `GET /users/:id`, or the names of both sides. */
export function diffTitle({ before, after }: ProfileDiff, arrow: string): string {
  const [a, b] = [printable(before.name), printable(after.name)]
  return a === b ? a : `${a} ${arrow} ${b}`
}

// --- internal ---

const MOST = 10

function inTheWayColumns(unit: Unit, style: Style): Column<DiffRow>[] {
  const paint = ({ inTheWay }: DiffRow) => paintOf(inTheWay, style)
  return [
    {
      head: 'in the way',
      text: ({ inTheWay }) => (inTheWay ? change(inTheWay.after - inTheWay.before, unit) : ''),
      right: true,
      paint,
    },
    { head: '', text: ({ inTheWay }) => verdictText(inTheWay), paint },
  ]
}

/** Nothing has changed: there is nothing to be told. */
function verdictText(row: ChangeInTheWay | null): string {
  return row === null || row.before === row.after ? '' : row.verdict
}

function paintOf(row: ChangeInTheWay | null, style: Style): Paint {
  const isClear = row !== null && row.verdict !== 'cannot tell'
  return isClear ? style.change(row.after - row.before) : style.dim
}

function rowsOf(diff: ProfileDiff, shown: readonly FrameIndex[]): DiffRow[] {
  const { profile, functions, inTheWay } = diff
  return shown.map((i) => ({
    frame: profile.frames[i]!,
    before: functions.before[i]!,
    after: functions.after[i]!,
    samplesBefore: functions.samplesBefore?.[i] ?? null,
    samplesAfter: functions.samplesAfter?.[i] ?? null,
    verdict: verdictName(functions.verdict[i]!),
    inTheWay: changeInTheWay(inTheWay, i),
  }))
}

function changeInTheWay({ before, after, verdict }: Changes, i: number): ChangeInTheWay | null {
  if (before[i] === 0 && after[i] === 0) return null
  return { before: before[i]!, after: after[i]!, verdict: verdictName(verdict[i]!) }
}
