import type { Changes, ProfileDiff } from '../../../src/analysis/diff.js'
import { changeAt } from '../../../src/analysis/diff-rows.js'
import { frameKind } from '../../../src/profile/frames.js'
import { printable } from '../../../src/profile/printable.js'
import { amount, count } from '../../../src/render/measure.js'
import { locatorFor } from '../../../src/render/paths.js'
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
  const { profile } = diff
  const locate = locatorFor(profile)
  if (rows.length === 0) return <p class="empty">No call has changed.</p>
  return (
    <div class="compare-scroll">
      <table class="compare-table">
        <thead>
          <tr>
            <th class="number">change</th>
            <th class="number side">before</th>
            <th class="number side">after</th>
            <th class="number side">samples</th>
            <th>function</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { index, depth } = row
            const frame = profile.frames[row.frame]!
            const change = changeAt(changes, index)
            return (
              <tr key={index} class={`kind-${frameKind(frame)}`}>
                <td class={`number ${toneOf(change, changes.verdict[index]!)}`}>
                  {changeText(change, profile.unit)}
                  {changes.verdict[index] === 0 && <small> cannot tell</small>}
                </td>
                <td class="number side">{amount(changes.before[index]!, profile.unit)}</td>
                <td class="number side">{amount(changes.after[index]!, profile.unit)}</td>
                <td class="number side quiet">{samplesText(changes, index)}</td>
                <td style={{ paddingLeft: `${Math.min(depth, DEEPEST) * INDENT}px` }}>
                  <bdi class="name">{printable(frame.name)}</bdi>{' '}
                  <span class="location">{printable(locate(frame))}</span>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

// --- internal ---

const INDENT = 14
/** Deeper rows are not moved further to the right. */
const DEEPEST = 40

function toneOf(change: number, verdict: number): string {
  if (verdict === 0) return 'quiet'
  return change > 0 ? 'slower' : 'faster'
}

function samplesText({ samplesBefore, samplesAfter }: Changes, index: number): string {
  const [before, after] = [samplesBefore?.[index] ?? 0, samplesAfter?.[index] ?? 0]
  return before + after === 0 ? '' : `${count(before)} → ${count(after)}`
}
