import { useState } from 'preact/hooks'
import { ACCOUNTS } from '../../../src/profile/accounts.js'
import { counted } from '../../../src/render/measure.js'
import type { Range } from '../../../src/transform/range.js'
import { accountName } from '../parts/account-name.js'
import type { TableColumn } from '../parts/columns.js'
import { absoluteScale } from '../parts/figures.js'
import { PlainTable } from '../parts/table.js'
import { runAt } from './runs.js'
import { nameOf, placeOf, type TimelineModel } from './timeline-model.js'

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
const CODE = { class: 'code' }

function Pieces({ model, shown }: PiecesTableProps) {
  const { runs } = model.calls
  const first = Math.max(0, runAt(runs, shown.from))
  const after = runAt(runs, shown.to)
  const end = after === -1 ? runs.start.length : runs.start[after]! < shown.to ? after + 1 : after
  const left = end - first - MOST
  const rows = []
  for (let run = first; run < Math.min(end, first + MOST); run++) rows.push(run)
  return (
    <>
      <PlainTable
        label="What happened, one after the other"
        columns={columnsOf(model)}
        rows={rows}
        keyOf={(run) => run}
      />
      {left > 0 && <p>and {counted(left, 'piece')} more: zoom in to see them.</p>}
    </>
  )
}

/** Of the runs of one stack. */
function columnsOf(model: TimelineModel): TableColumn<number>[] {
  const { start, end, value } = model.calls.runs
  const scale = absoluteScale(model.profile.unit, model.whole)
  return [
    {
      class: 'start',
      head: `Start ${scale.label}`,
      number: true,
      cell: (run) => scale.write(start[run]!),
    },
    {
      class: 'duration',
      head: 'Duration',
      number: true,
      cell: (run) => scale.write(end[run]! - start[run]!),
    },
    {
      class: 'account',
      head: 'Account',
      cell: (run) => accountName(model.profile, ACCOUNTS[model.accountOf[value[run]!]!]!),
    },
    {
      class: 'function',
      head: 'Function',
      cell: (run) => <bdi>{nameOf(model, value[run]!)}</bdi>,
      facts: () => CODE,
    },
    {
      class: 'place',
      head: 'Place',
      cell: (run) => <bdi>{placeOf(model, value[run]!)}</bdi>,
      facts: () => CODE,
    },
  ]
}
