import { useState } from 'preact/hooks'
import { ACCOUNTS } from '../../../src/profile/accounts.js'
import { counted } from '../../../src/render/measure.js'
import type { Range } from '../../../src/transform/range.js'
import { absoluteScale } from '../parts/figures.js'
import { accountName, nameOf, placeOf, type TimelineModel } from './model.js'
import { runAt } from './runs.js'

interface PiecesTableProps {
  readonly model: TimelineModel
  readonly shown: Range
}

/** What is drawn, as a table: one stack after the other, as far as they are on show. */
export function PiecesTable(props: PiecesTableProps) {
  const [open, setOpen] = useState(false)
  return (
    <details class="pieces" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && <Pieces {...props} />}
    </details>
  )
}

// --- internal ---

const MOST = 200

function Pieces({ model, shown }: PiecesTableProps) {
  const { runs } = model.calls
  const scale = absoluteScale(model.profile.unit, model.whole)
  const first = Math.max(0, runAt(runs, shown.from))
  const after = runAt(runs, shown.to)
  const end = after === -1 ? runs.start.length : runs.start[after]! < shown.to ? after + 1 : after
  const left = end - first - MOST
  const rows = []
  for (let run = first; run < Math.min(end, first + MOST); run++) {
    const stack = runs.value[run]!
    rows.push(
      <tr key={run}>
        <td>{scale.write(runs.start[run]!)}</td>
        <td>{scale.write(runs.end[run]! - runs.start[run]!)}</td>
        <td>{accountName(model.profile, ACCOUNTS[model.accountOf[stack]!]!)}</td>
        <td class="code">
          <bdi>{nameOf(model, stack)}</bdi>
        </td>
        <td class="code place">
          <bdi>{placeOf(model, stack)}</bdi>
        </td>
      </tr>,
    )
  }
  return (
    <>
      <table aria-label="What happened, one after the other">
        <thead>
          <tr>
            <th scope="col">Start {scale.label}</th>
            <th scope="col">Duration</th>
            <th scope="col">Account</th>
            <th scope="col">Function</th>
            <th scope="col">Place</th>
          </tr>
        </thead>
        <tbody>{rows}</tbody>
      </table>
      {left > 0 && <p>and {counted(left, 'piece')} more: zoom in to see them.</p>}
    </>
  )
}
