import type { RefObject } from 'preact'
import { useMemo } from 'preact/hooks'
import { frameKind } from '../../../src/profile/frames.js'
import { printable } from '../../../src/profile/printable.js'
import type { FrameIndex } from '../../../src/profile/profile.js'
import { count } from '../../../src/render/measure.js'
import { heatOf, type Scale } from '../parts/figures.js'
import { FrameName } from '../parts/frame-name.js'
import { movedRow } from '../parts/grid-keys.js'
import { VirtualRows } from '../parts/virtual-rows.js'
import { type Column, ColumnHeads } from '../requests/columns.js'
import type { FunctionsModel } from './model.js'

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
  const onClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-row]')
    if (row && String(getSelection()) === '') onSelect(shown[Number(row.dataset.row)]!)
  }
  return (
    <table
      ref={table}
      class="table"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA's own pattern for a table with keys
      role="grid"
      aria-label="Functions"
      aria-rowcount={shown.length + 1}
      aria-activedescendant={activeRow < 0 ? undefined : `row-${activeRow}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <thead data-sticky class="sticky-heads">
        <ColumnHeads
          columns={columnsIn(scale, model.entries)}
          class="function-row"
          sort={sort}
          onSort={onSort}
        />
      </thead>
      <VirtualRows
        count={shown.length}
        rowHeight={ROW}
        active={activeRow}
        render={(from, to) => {
          const rows = []
          for (let index = from; index <= to; index++) {
            const function_ = shown[index]!
            rows.push(
              <FunctionRow
                key={function_}
                model={model}
                function_={function_}
                index={index}
                active={index === activeRow}
                selected={function_ === selected}
                scale={scale}
              />,
            )
          }
          return rows
        }}
      />
    </table>
  )
}

// --- internal ---

const ROW = 26

function columnsIn({ label }: Scale, entries: string): readonly Column[] {
  // A word does not fit.
  const unit = label.length > 2 ? '' : ` ${label}`
  return [
    { class: 'of-self', text: `Self${unit}`, hint: 'without what it called', sort: 'self' },
    { class: 'of-total', text: `Total${unit}`, hint: 'with what it called', sort: 'total' },
    { class: 'of-samples', text: entries, hint: 'with the function on top', sort: 'samples' },
    { class: 'of-name', text: 'Function', sort: 'name' },
  ]
}

interface FunctionRowProps {
  readonly model: FunctionsModel
  readonly function_: FrameIndex
  readonly index: number
  readonly active: boolean
  readonly selected: boolean
  readonly scale: Scale
}

function FunctionRow({ model, function_, index, active, selected, scale }: FunctionRowProps) {
  const { profile, table, whole, locationOf } = model
  const frame = profile.frames[function_]!
  const self = table.self[function_]!
  const total = table.total[function_]!
  return (
    <tr
      id={`row-${index}`}
      class={`row function-row kind-${frameKind(frame)}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={active || undefined}
      data-row={index}
    >
      <td class={`of-self heat-${heatOf(self, whole)}`}>{self === 0 ? '' : scale.write(self)}</td>
      <td class={`of-total heat-${heatOf(total, whole)}`}>{scale.write(total)}</td>
      <td class="of-samples">
        {table.samples[function_] === 0 ? '' : count(table.samples[function_]!)}
      </td>
      <td class="of-name">
        <FrameName frame={frame} />
        <span class="location" title={printable(frame.file)}>
          <bdi>{printable(locationOf(frame))}</bdi>
        </span>
      </td>
    </tr>
  )
}
