import { useMemo, useRef, useState } from 'preact/hooks'
import { counted, duration } from '../../../src/render/measure.js'
import { movedRow } from '../parts/grid-keys.js'
import { timeWriter } from '../parts/times.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { VirtualRows } from '../parts/virtual-rows.js'
import { goTo } from '../use-page-location.js'
import type { ViewProps } from '../view-props.js'
import { AccountLegend } from './account-legend.js'
import { GanttRowView, timelineOf } from './gantt-row.js'
import { type GanttModel, ganttOf, isWorker } from './gantt-rows.js'
import { Headline } from './headline.js'
import { ticksOf } from './ticks.js'
import { mostTicks, TimeAxis } from './time-axis.js'
import { zoomStep } from './timeline-keys.js'
import { useGestures } from './use-gestures.js'
import { useShown } from './use-shown.js'
import { gutterOf, useSize } from './use-size.js'
import { panned, zoomed } from './zoom.js'
import { ZoomButtons } from './zoom-buttons.js'

/**
 * When each of several requests was there. A merged profile keeps no order in time, its dumps do.
 */
export function Gantt(props: ViewProps<'timeline'>) {
  const { profile, entries, title } = props
  const model = useMemo(() => ganttOf(entries), [entries])
  return (
    <div class="page gantt-page">
      <Headline title={title} entries={entries} />
      {model.whole === 0 ? (
        <p class="empty">
          {entries.length > 1 ? 'These profiles do' : 'This profile does'} not say when anything
          happened.
        </p>
      ) : (
        <>
          <p class="facts">
            {[
              `${counted(entries.length - model.left, 'request')} within ${duration(model.whole)}`,
              'within a bar the accounts are not in order of time',
              ...(model.left > 0
                ? [`${counted(model.left, 'profile')} without a time left out`]
                : []),
            ].join(' · ')}
          </p>
          <AccountLegend profile={profile} />
          <Clock {...props} model={model} />
        </>
      )}
    </div>
  )
}

// --- internal ---

const ROW = 26

interface ClockProps extends ViewProps<'timeline'> {
  readonly model: GanttModel
}

function Clock({ model, settings, change, title }: ClockProps) {
  const { rows, whole } = model
  const [shown, move] = useShown(settings.window, change, whole)
  const [active, setActive] = useState(-1)
  const head = useRef<HTMLTableRowElement>(null)
  const size = useSize(head)
  const gutter = gutterOf(size.width)
  const width = Math.max(1, size.width - gutter)
  const ticks = ticksOf(shown, mostTicks(width), 'microseconds')
  const { onWheel } = useGestures({
    shown,
    width,
    gutter,
    selects: false,
    scrolls: () => true,
    onPan: (by) => move((now) => panned(now, by, whole)),
    onZoom: (factor, at) => move((now) => zoomed(now, factor, at, whole)),
  })
  const onKeyDown = (event: KeyboardEvent) => {
    const zoom = zoomStep(event, shown, whole, shown)
    const row = movedRow(event, active, rows.length)
    const now = rows[active]
    if (zoom) move(() => zoom)
    else if (row !== null) setActive(row)
    else if (event.key === 'Enter' && now && !isWorker(now)) goTo(timelineOf(now))
    else return
    event.preventDefault()
  }
  return (
    <>
      <ToolbarFrame>
        <ZoomButtons shown={shown} whole={whole} onMove={move} />
        <span class="range-box">
          {duration(shown.to - shown.from)} from{' '}
          {CLOCK(new Date(model.startMs + shown.from / 1_000))}
        </span>
      </ToolbarFrame>
      <table
        class="table gantt-table"
        style={{ '--gutter': `${gutter}px` }}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA's own pattern for a table with keys
        role="grid"
        aria-label={`When each request of ${title} was there`}
        aria-rowcount={rows.length}
        aria-activedescendant={active < 0 ? undefined : `row-${active}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onWheel={onWheel}
      >
        <thead data-sticky class="sticky-heads">
          <tr ref={head} class="time-head" style={{ paddingLeft: `${gutter}px` }}>
            <th>
              <TimeAxis
                shown={shown}
                whole={whole}
                ticks={ticks}
                range={null}
                width={width}
                onMove={move}
              />
            </th>
          </tr>
        </thead>
        <VirtualRows
          count={rows.length}
          rowHeight={ROW}
          active={active}
          render={(from, to) =>
            rows
              .slice(from, to + 1)
              .map((row, i) => (
                <GanttRowView
                  key={from + i}
                  row={row}
                  index={from + i}
                  active={from + i === active}
                  shown={shown}
                  width={width}
                />
              ))
          }
        />
      </table>
    </>
  )
}

const CLOCK = timeWriter([])
