import type { Changes, ProfileDiff } from '../../../src/analysis/diff.js'
import { changeAt } from '../../../src/analysis/diff-rows.js'
import { frameKind } from '../../../src/profile/frames.js'
import { printable } from '../../../src/profile/printable.js'
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
}

/**
 * One line a function or call: its change, its time on both sides, and whether that says anything.
 */
export function DiffTable({ diff, rows, changes }: DiffTableProps) {
  if (rows.length === 0) return <p class="empty">No call has changed.</p>
  return (
    <div class="compare-scroll">
      <PlainTable
        class="compare-table"
        columns={columnsOf(diff, changes)}
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

function columnsOf({ profile }: ProfileDiff, changes: Changes): TableColumn<CompareRow>[] {
  const { unit, frames } = profile
  const { before, after, verdict } = changes
  const locate = locatorFor(profile)
  return [
    {
      class: 'change',
      head: 'change',
      number: true,
      cell: ({ index }) => (
        <>
          {changeText(changeAt(changes, index), unit)}
          {verdict[index] === 0 && <small> cannot tell</small>}
        </>
      ),
      facts: ({ index }) => ({ class: toneOf(changeAt(changes, index), verdict[index]!) }),
    },
    {
      class: 'side before',
      head: 'before',
      number: true,
      cell: ({ index }) => amount(before[index]!, unit),
    },
    {
      class: 'side after',
      head: 'after',
      number: true,
      cell: ({ index }) => amount(after[index]!, unit),
    },
    {
      class: 'side samples',
      head: 'samples',
      number: true,
      cell: ({ index }) => samplesText(changes, index),
      facts: () => ({ class: 'quiet' }),
    },
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

function toneOf(change: number, verdict: number): string {
  if (verdict === 0) return 'quiet'
  return change > 0 ? 'slower' : 'faster'
}

function samplesText({ samplesBefore, samplesAfter }: Changes, index: number): string {
  const [before, after] = [samplesBefore?.[index] ?? 0, samplesAfter?.[index] ?? 0]
  return before + after === 0 ? '' : `${count(before)} → ${count(after)}`
}
