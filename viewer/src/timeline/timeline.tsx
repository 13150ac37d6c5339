import { useMemo, useState } from 'preact/hooks'
import { ACCOUNT_TABLE } from '../../../src/profile/accounts.js'
import type { Profile } from '../../../src/profile/profile.js'
import type { Steps } from '../../../src/profile/steps.js'
import { boundsOf, certaintyNote } from '../../../src/render/bounds.js'
import { amount } from '../../../src/render/measure.js'
import type { Range } from '../../../src/transform/range.js'
import { viewsOf } from '../../../src/transform/view.js'
import { Swatch } from '../parts/account-colours.js'
import { accountName } from '../parts/account-name.js'
import { Choice } from '../parts/choice.js'
import { QueuedBefore } from '../parts/queued-before.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { useSteps } from '../use-steps.js'
import type { ViewProps } from '../view-props.js'
import type { TimelineSpot } from '../view-settings.js'
import { AccountLegend } from './account-legend.js'
import type { Spot } from './draw.js'
import { Headline } from './headline.js'
import { PiecesTable } from './pieces-table.js'
import { NONE } from './runs.js'
import { buildTimelineModel, describe, rowOf, type TimelineModel } from './timeline-model.js'
import { TimelineStage } from './timeline-stage.js'
import { useShown } from './use-shown.js'
import { ZoomButtons } from './zoom-buttons.js'

/** One request's life, from its start to the end of its response. */
export function Timeline(props: ViewProps<'timeline'>) {
  const { whole, settings } = props
  const { foldLibraries } = settings
  const { value } = useSteps(() => timelineOf(whole, foldLibraries), [whole, foldLibraries])
  return value ? <Drawn {...props} model={value} /> : <p class="empty">Reading…</p>
}

// --- internal ---

function* timelineOf(whole: Profile, foldLibraries: boolean): Steps<TimelineModel> {
  const { profile } = yield* viewsOf(whole)({ threshold: 0, foldLibraries })
  return yield* buildTimelineModel(profile)
}

interface DrawnProps extends ViewProps<'timeline'> {
  readonly model: TimelineModel
}

function Drawn({ model, ...props }: DrawnProps) {
  const { whole, profile, entries, title, settings, change } = props
  const { foldLibraries, range, at } = settings
  const [shown, move] = useShown(settings.window, change, model.whole)
  const [hover, setHover] = useState<Spot | null>(null)
  const cursor = useMemo(() => spotAt(at, model), [at, model])
  return (
    <div class="page timeline-page">
      <Headline title={title} entries={entries} total={amount(model.whole, whole.unit)} />
      <AccountLegend profile={profile} />
      <ToolbarFrame>
        <ZoomButtons shown={shown} whole={model.whole} onMove={move} />
        <RangeBox
          range={range}
          shown={shown}
          model={model}
          onRange={(next) => change({ range: next })}
        />
        <Choice
          label="Library and engine calls"
          value={foldLibraries ? 'on' : 'off'}
          options={[
            ['on', 'Libraries folded'],
            ['off', 'All calls'],
          ]}
          // Folding moves the calls to other rows.
          onChange={(value) => change({ foldLibraries: value === 'on', at: null })}
        />
      </ToolbarFrame>
      <QueuedBefore sources={profile.sources} locate={model.locationOf} />
      <TimelineStage
        model={model}
        shown={shown}
        range={range}
        cursor={cursor}
        label={`Timeline of ${title}. Arrows go along the pieces, Enter selects one as the range of time.`}
        onMove={move}
        onRange={(next) => change({ range: next })}
        onCursor={({ row, piece }) => {
          change({ at: { row, time: rowOf(model, row).start(piece) } })
        }}
        onHover={setHover}
      />
      <Details model={model} spot={hover ?? cursor} />
      <PiecesTable model={model} shown={shown} />
    </div>
  )
}

interface RangeBoxProps {
  readonly range: Range | null
  readonly shown: Range
  readonly model: TimelineModel
  readonly onRange: (range: Range | null) => void
}

/** The range of time that all views show, and the ways to it that need no drag. */
function RangeBox({ range, shown, model, onRange }: RangeBoxProps) {
  const { unit } = model.profile
  if (range) {
    return (
      <span class="range-box">
        <span>
          {amount(range.from, unit)} to {amount(range.to, unit)}:{' '}
          <b>{amount(range.to - range.from, unit)}</b>
        </span>
        <button type="button" onClick={() => onRange(null)} title="All views show everything (Esc)">
          Clear range
        </button>
      </span>
    )
  }
  const isAll = shown.from <= 0 && shown.to >= model.whole
  return (
    <button
      type="button"
      disabled={isAll}
      onClick={() => onRange(shown)}
      title="All views show what is on show here"
    >
      Select what is on show
    </button>
  )
}

/** The piece that is there; null where the model has no such row or time. */
function spotAt(at: TimelineSpot | null, model: TimelineModel): Spot | null {
  if (!at || at.row >= model.rowCount) return null
  const piece = rowOf(model, at.row).at(at.time)
  return piece === NONE ? null : { row: at.row, piece }
}

interface DetailsProps {
  readonly model: TimelineModel
  /** What is looked at; null for nothing yet. */
  readonly spot: Spot | null
}

/** What is under the pointer or the keyboard, in one line. */
function Details({ model, spot }: DetailsProps) {
  return (
    <p id="timeline-details" class="timeline-details" role="status">
      {spot && spot.row < model.rowCount ? <Piece model={model} spot={spot} /> : <Hint />}
    </p>
  )
}

function Piece({ model, spot }: { readonly model: TimelineModel; readonly spot: Spot }) {
  const { name, account, start, end, place } = describe(model, spot.row, spot.piece)
  const { unit } = model.profile
  const accountText = accountName(model.profile, account)
  const upToMicros = account === 'blocked' ? model.upToBetween(start, end) : 0
  return (
    <>
      <Swatch account={account} />
      <b class="account">{accountText}</b>
      {name === '' ? (
        <span>{accountText === 'idle' ? 'nothing ran' : ACCOUNT_TABLE[account].meaning}</span>
      ) : (
        <span class="code">
          <bdi>{name}</bdi>
        </span>
      )}
      <span class="times">
        <b>
          {amount(end - start, unit)}
          {certaintyNote(boundsOf(end - start, upToMicros))}
        </b>{' '}
        at {amount(start, unit)}
      </span>
      <span class="place code">
        <bdi>{place}</bdi>
      </span>
    </>
  )
}

function Hint() {
  return (
    <>
      <span class="hint fine">
        Drag to select a range of time for all views; the wheel zooms, with Shift it moves. Keys:
        arrows, Enter selects, + − 0 zoom, Esc clears.
      </span>
      <span class="hint coarse">Drag to move, pinch to zoom, tap a piece to see what it is.</span>
    </>
  )
}
