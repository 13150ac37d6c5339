/** The functions of a diff as rows, and how they are called, for every output. */

import type { DiffSide, ProfileDiff } from '../../analysis/diff.js'
import { changedFunctions, functionsForPeople } from '../../analysis/diff-rows.js'
import { ROOT_FRAME } from '../../profile/builder.js'
import { printable } from '../../profile/printable.js'
import type { Frame, FrameIndex, Unit } from '../../profile/profile.js'
import { amount, change, count, counted } from '../measure.js'
import { nounFor } from '../names.js'
import type { Locate } from '../paths.js'
import type { Style } from '../style.js'
import type { Column } from '../table.js'

/** A function or a wait that has changed, callees included. Times are per request. */
export interface DiffRow {
  readonly frame: Frame
  readonly before: number
  readonly after: number
  readonly samplesBefore: number | null
  readonly samplesAfter: number | null
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

export function diffColumns(unit: Unit, locate: Locate, style: Style): Column<DiffRow>[] {
  const samples = ({ samplesBefore, samplesAfter }: DiffRow) =>
    samplesBefore === null || samplesAfter === null || samplesBefore + samplesAfter === 0
      ? ''
      : `${count(samplesBefore)} ${style.arrow} ${count(samplesAfter)}`
  const place = ({ frame }: DiffRow) => {
    const at = locate(frame)
    return printable(frame.name) + (at === '' ? '' : `  ${printable(at)}`)
  }
  const isClear = ({ verdict }: DiffRow) => verdict !== 'cannot tell'
  return [
    {
      head: 'change',
      text: ({ before, after }) => change(after - before, unit),
      right: true,
      paint: (row) => (isClear(row) ? style.change(row.after - row.before) : style.dim),
    },
    { head: 'before', text: ({ before }) => amount(before, unit), right: true },
    { head: 'after', text: ({ after }) => amount(after, unit), right: true },
    { head: 'samples', text: samples, right: true },
    {
      head: '',
      text: ({ verdict }) => verdict,
      paint: (row) => (isClear(row) ? style.change(row.after - row.before) : style.dim),
    },
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

function rowsOf({ profile, functions }: ProfileDiff, shown: readonly FrameIndex[]): DiffRow[] {
  return shown.map((i) => ({
    frame: profile.frames[i]!,
    before: functions.before[i]!,
    after: functions.after[i]!,
    samplesBefore: functions.samplesBefore?.[i] ?? null,
    samplesAfter: functions.samplesAfter?.[i] ?? null,
    verdict: verdictName(functions.verdict[i]!),
  }))
}

function nounOf(requests: number, sources: DiffSide['sources']): string {
  if (sources.length === 0) return 'profile'
  return sources.length < requests ? 'recording' : nounFor(sources)
}
