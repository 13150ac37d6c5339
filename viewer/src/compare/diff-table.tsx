import type { ProfileDiff } from '../../../src/analysis/diff.js'
import type { Changes } from '../../../src/analysis/diff-changes.js'
import { changeAt } from '../../../src/analysis/diff-rows.js'
import { printable } from '../../../src/printable.js'
import { frameKind } from '../../../src/profile/frames.js'
import type { Unit } from '../../../src/profile/profile.js'
import { amount, count } from '../../../src/render/measure.js'
import { locatorFor } from '../../../src/render/paths.js'
import type { TableColumn } from '../parts/columns.js'
import { PlainTable } from '../parts/table.js'
import { changeText } from './change.js'
import type { CompareRow } from './compare-rows.js'

interface DiffTableProps {
  readonly diff: ProfileDiff
  readonly rows: readonly CompareRow[]
  /** What the rows' indexes are of. */
  readonly changes: Changes
  /** What they ran for others, where that is no part of it. */
  readonly inTheWay: Changes | null
}

/**
 * One line a function or call: its change, its time on both sides, and whether that says anything.
 */
export function DiffTable({ diff, rows, changes, inTheWay }: DiffTableProps) {
  if (rows.length === 0) return <p class="empty">No call has changed.</p>
  const others = rows.some(({ index }) => hasTime(inTheWay, index)) ? inTheWay : null
  return (
    <div class="compare-scroll">
      <PlainTable
        class="compare-table"
        columns={columnsOf(diff, changes, others)}
        rows={rows}
        keyOf={({ index }) => index}
        rowClass={({ frame }) => `kind-${frameKind(diff.profile.frames[frame]!)}`}
      />
    </div>
  )
}

// --- internal ---

const INDENT = 14
/** Deeper rows are not moved further to the right. */
const DEEPEST = 40

function columnsOf(
  { profile }: ProfileDiff,
  changes: Changes,
  inTheWay: Changes | null,
): TableColumn<CompareRow>[] {
  const { unit, frames } = profile
  const locate = locatorFor(profile)
  const timeOn = (side: Float64Array) => ({
    number: true,
    cell: ({ index }: CompareRow) => (hasTime(changes, index) ? amount(side[index]!, unit) : ''),
  })
  return [
    { class: 'change', head: 'change', ...changesIn(changes, unit) },
    { class: 'side before', head: 'before', ...timeOn(changes.before) },
    { class: 'side after', head: 'after', ...timeOn(changes.after) },
    {
      class: 'side samples',
      head: 'samples',
      number: true,
      cell: ({ index }) => samplesText(changes, index),
      facts: () => ({ class: 'quiet' }),
    },
    ...(inTheWay ? [inTheWayColumn(inTheWay, unit)] : []),
    {
      class: 'function',
      head: 'function',
      cell: ({ frame }) => (
        <>
          <bdi class="name">{printable(frames[frame]!.name)}</bdi>{' '}
          <span class="location">{printable(locate(frames[frame]!))}</span>
        </>
      ),
      facts: ({ depth }) => ({
        style: { paddingLeft: `${Math.min(depth, DEEPEST) * INDENT}px` },
      }),
    },
  ]
}

function inTheWayColumn(inTheWay: Changes, unit: Unit): TableColumn<CompareRow> {
  return {
    class: 'in-the-way',
    head: 'in the way',
    hint: 'what it ran for others while these waited, which is no time of its own',
    ...changesIn(inTheWay, unit),
  }
}

/** The cells of a column of changes; empty where there was no time on either side. */
function changesIn(changes: Changes, unit: Unit) {
  return {
    number: true,
    cell: ({ index }: CompareRow) => {
      if (!hasTime(changes, index)) return ''
      const change = changeAt(changes, index)
      return (
        <>
          {changeText(change, unit)}
          {change !== 0 && changes.verdict[index] === 0 && <small> cannot tell</small>}
        </>
      )
    },
    facts: ({ index }: CompareRow) => ({
      class: toneOf(changeAt(changes, index), changes.verdict[index]!),
    }),
  }
}

function hasTime(changes: Changes | null, index: number): boolean {
  return changes !== null && (changes.before[index] !== 0 || changes.after[index] !== 0)
}

function toneOf(change: number, verdict: number): string {
  if (verdict === 0) return 'quiet'
  return change > 0 ? 'slower' : 'faster'
}

function samplesText({ samplesBefore, samplesAfter }: Changes, index: number): string {
  const [before, after] = [samplesBefore?.[index] ?? 0, samplesAfter?.[index] ?? 0]
  return before + after === 0 ? '' : `${count(before)} → ${count(after)}`
}
