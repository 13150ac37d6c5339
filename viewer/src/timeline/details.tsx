import { ACCOUNT_TABLE } from '../../../src/profile/accounts.js'
import { amount } from '../../../src/render/measure.js'
import { Swatch } from '../parts/account-colours.js'
import type { Spot } from './draw.js'
import { accountName, describe, type TimelineModel } from './model.js'

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
  const accountText = accountName(model.profile, account)
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
