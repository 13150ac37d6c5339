import { ACCOUNT_TABLE, type Account } from '../../../src/profile/accounts.js'
import { amount } from '../../../src/render/measure.js'
import type { Spot } from './draw.js'
import { describe, type TimelineModel } from './model.js'

interface DetailsProps {
  readonly model: TimelineModel
  /** What is looked at; null for nothing yet. */
  readonly spot: Spot | null
}

/** What is under the pointer or the keyboard, in one line. */
export function Details({ model, spot }: DetailsProps) {
  return (
    <p id="timeline-details" class="timeline-details" role="status">
      {spot && spot.row < model.rowCount ? <Piece model={model} spot={spot} /> : <Hint />}
    </p>
  )
}

// --- internal ---

function Piece({ model, spot }: { readonly model: TimelineModel; readonly spot: Spot }) {
  const { name, account, start, end, place } = describe(model, spot.row, spot.piece)
  const { unit } = model.profile
  return (
    <>
      <i class={`swatch fill-${account === 'idle' ? 'await' : account}`} />
      <b class="account">{account}</b>
      {name === '' ? (
        <span>
          {account === 'idle' ? 'nothing ran' : ACCOUNT_TABLE[account as Account].meaning}
        </span>
      ) : (
        <span class="code">
          <bdi>{name}</bdi>
        </span>
      )}
      <span class="times">
        <b>{amount(end - start, unit)}</b> at {amount(start, unit)}
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
