import { printable } from '../../../src/printable.js'
import { counted, duration } from '../../../src/render/measure.js'
import type { Range } from '../../../src/transform/range.js'
import { type TargetOf, writeLocation } from '../page-location.js'
import { AccountBar } from '../parts/account-bar.js'
import { RouteName } from '../parts/route-name.js'
import { type GanttRequest, type GanttRow, isWorker } from './gantt-rows.js'

interface GanttRowProps {
  readonly row: GanttRow
  readonly index: number
  readonly active: boolean
  readonly shown: Range
  /** Pixels of the time on show. */
  readonly width: number
}

/** A worker's name, or one of its requests: the link covers the row. */
export function GanttRowView({ row, index, active, shown, width }: GanttRowProps) {
  const facts = {
    id: `row-${index}`,
    'aria-rowindex': index + 1,
    'data-active': active || undefined,
  }
  if (isWorker(row)) {
    return (
      <tr {...facts} class="row gantt-row gantt-worker">
        <th scope="rowgroup">
          <bdi>{row.worker === '' ? 'Not in a worker' : `Worker ${printable(row.worker)}`}</bdi>
          <small>{counted(row.requests, 'request')}</small>
        </th>
      </tr>
    )
  }
  const { meta } = row.entry
  const scale = width / (shown.to - shown.from)
  const left = Math.max(-FAR, (row.from - shown.from) * scale)
  const right = Math.min(width + FAR, (row.to - shown.from) * scale)
  const long = duration(meta!.durationMicros)
  const isInView = right > 0 && left < width
  return (
    <tr {...facts} class="row gantt-row">
      <td class="cell-name">
        <a href={writeLocation(timelineOf(row))} tabIndex={-1} draggable={false}>
          <RouteName entry={row.entry} />
        </a>
      </td>
      <td class="gantt-time">
        {!isInView && (
          <span class="gantt-text gantt-beyond" data-side={right <= 0 ? 'before' : 'after'}>
            {right <= 0 ? '←' : '→'}
          </span>
        )}
        {isInView && (
          <>
            <span
              class="gantt-bar"
              style={{ left: `${left}px`, width: `${Math.max(2, right - left)}px` }}
            >
              <AccountBar
                weightOf={(account) => meta!.ledger[account]}
                whole={meta!.durationMicros}
              />
            </span>
            <span class="gantt-text" style={textPlace(left, right, width)}>
              {long}
            </span>
          </>
        )}
      </td>
    </tr>
  )
}

/** The timeline of one request. */
export function timelineOf({ entry }: GanttRequest): TargetOf<'timeline'> {
  return { view: 'timeline', selection: { by: 'ids', ids: [entry.id] } }
}

// --- internal ---

/** Pixels beyond the edge from which on nobody sees how far a bar goes. */
const FAR = 20_000
const TEXT_PX = 60

/** After the bar where there is room, else before it. */
function textPlace(left: number, right: number, width: number): Record<string, string> {
  if (right + TEXT_PX <= width) return { left: `${right + 6}px` }
  if (left >= TEXT_PX) return { right: `${width - left + 6}px` }
  return { display: 'none' }
}
