import type { RefObject } from 'preact'
import { useMemo } from 'preact/hooks'
import { printable } from '../../../src/printable.js'
import { frameKind } from '../../../src/profile/frames.js'
import type { FrameIndex } from '../../../src/profile/profile.js'
import { heatOf } from '../../../src/render/heat.js'
import { count } from '../../../src/render/measure.js'
import type { TableColumn } from '../parts/columns.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { FrameName } from '../parts/frame-name.js'
import { Grid } from '../parts/grid.js'
import { movedRow } from '../parts/grid-keys.js'
import type { FunctionsModel } from './functions-model.js'

interface FunctionTableProps {
  readonly table: RefObject<HTMLTableElement | null>
  readonly model: FunctionsModel
  readonly shown: readonly FrameIndex[]
  /** The function that the keyboard is on; -1: none yet. */
  readonly active: FrameIndex
  readonly selected: FrameIndex
  readonly scale: Scale
  readonly sort: string
  readonly onSort: (sort: string) => void
  readonly onMove: (frame: FrameIndex) => void
  readonly onSelect: (frame: FrameIndex) => void
}

/** One row a function. Enter or a click selects it. */
export function FunctionTable(props: FunctionTableProps) {
  const { table, model, shown, active, selected, scale, sort, onSort, onMove, onSelect } = props
  const activeRow = useMemo(() => shown.indexOf(active), [shown, active])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== table.current) return
    const row = movedRow(event, activeRow, shown.length)
    if (row !== null && shown.length > 0) onMove(shown[row]!)
    else if (event.key === 'Enter' && activeRow >= 0) onSelect(active)
    else return
    event.preventDefault()
  }
  return (
    <Grid
      table={table}
      label="Functions"
      rowClass={model.hasInTheWay ? 'function-row with-others' : 'function-row'}
      rowHeight={ROW}
      columns={columnsOf(model, scale)}
      rows={shown}
      keyOf={(function_) => function_}
      factsOf={(function_) => ({
        class: `kind-${frameKind(model.profile.frames[function_]!)}`,
        selected: function_ === selected,
      })}
      active={activeRow}
      sort={sort}
      onSort={onSort}
      onKeyDown={onKeyDown}
      onClick={(row) => onSelect(shown[row]!)}
    />
  )
}

// --- internal ---

const ROW = 26

function columnsOf(model: FunctionsModel, scale: Scale): TableColumn<FrameIndex>[] {
  const { profile, table, hasInTheWay, entries, locationOf } = model
  // A word does not fit.
  const unit = scale.label.length > 2 ? '' : ` ${scale.label}`
  return [
    {
      class: 'of-self',
      head: `Self${unit}`,
      hint: 'without what it called',
      width: '68px',
      sort: 'self',
      ...timesIn(table.self, model, scale),
    },
    {
      class: 'of-total',
      head: `Total${unit}`,
      hint: 'with what it called',
      width: '68px',
      sort: 'total',
      ...timesIn(table.total, model, scale),
    },
    ...(hasInTheWay ? [inTheWayColumn(model, scale)] : []),
    {
      class: 'of-samples',
      head: entries,
      hint: 'with the function on top',
      width: '64px',
      number: true,
      sort: 'samples',
      cell: (index) => (table.samples[index] === 0 ? '' : count(table.samples[index]!)),
    },
    {
      class: 'of-name',
      head: 'Function',
      width: 'minmax(0, 1fr)',
      sort: 'name',
      fromA: true,
      cell: (index) => {
        const frame = profile.frames[index]!
        return (
          <>
            <FrameName frame={frame} />
            <span class="location" title={printable(frame.file)}>
              <bdi>{printable(locationOf(frame))}</bdi>
            </span>
          </>
        )
      },
    },
  ]
}

function inTheWayColumn(model: FunctionsModel, scale: Scale): TableColumn<FrameIndex> {
  return {
    class: 'of-others',
    head: 'In the way',
    hint: 'what it ran for others while this waited, with what it called',
    width: '76px',
    sort: 'inTheWay',
    ...timesIn(model.table.inTheWay, model, scale),
  }
}

/** The cells of a column of times. */
function timesIn(times: Float64Array, { whole }: FunctionsModel, scale: Scale) {
  return {
    number: true,
    cell: (index: FrameIndex) => (times[index] === 0 ? '' : scale.write(times[index]!)),
    facts: (index: FrameIndex) => ({ class: `heat-${heatOf(shareOf(times[index]!, whole))}` }),
  }
}
