import { printable } from '../../../src/profile/printable.js'
import { amount } from '../../../src/render/measure.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { workerOfEntry } from '../../../src/viewer-api/wire.js'
import { AccountBar } from '../parts/account-bar.js'
import { nameOf, timeOf } from '../parts/entry.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { RouteName, Status } from '../parts/route-name.js'
import { writePlace } from '../place.js'

interface RequestRowProps {
  readonly entry: IndexEntry
  readonly index: number
  readonly active: boolean
  readonly picked: boolean
  readonly slowest: number
  /** How durations are written. */
  readonly scale: Scale
  readonly writeTime: (time: Date) => string
  /** `toHere`: and all between it and the one before. */
  readonly onPick: (row: number, toHere: boolean) => void
}

/** One dump of the list. The link covers the row, so it opens like any link: also in a new tab. */
export function RequestRow({
  entry,
  index,
  active,
  picked,
  slowest,
  scale,
  writeTime,
  onPick,
}: RequestRowProps) {
  const { meta, weight, unit } = entry
  const place = writePlace({
    view: 'tree',
    selection: { by: 'ids', ids: [entry.id] },
    settings: {},
  })
  const at = new Date(timeOf(entry))
  return (
    <tr
      id={`row-${index}`}
      class="row request-row"
      aria-rowindex={index + 2}
      aria-selected={picked}
      data-active={active || undefined}
    >
      <td class="cell-pick">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={picked}
          aria-label={`pick ${printable(nameOf(entry))}`}
          onClick={(event) => onPick(index, event.shiftKey)}
        />
      </td>
      <td class="cell-time" title={at.toString()}>
        {writeTime(at)}
      </td>
      <td class="cell-name">
        <a href={place} tabIndex={-1} draggable={false}>
          <RouteName entry={entry} />
        </a>
      </td>
      <td class="cell-status">
        <Status entry={entry} />
      </td>
      <td class="cell-duration">
        {weight === null
          ? '–'
          : unit === 'microseconds'
            ? scale.write(weight)
            : amount(weight, unit!)}
      </td>
      <td class="cell-bar">
        <DurationBar entry={entry} whole={slowest} />
      </td>
      <td class="cell-cpu">{meta ? scale.write(meta.ledger.cpu) : ''}</td>
      <td class="cell-worker">{workerOfEntry(entry)}</td>
    </tr>
  )
}

// --- internal ---

/** A profile of others says how long it is, and no more. */
function DurationBar({ entry, whole }: { readonly entry: IndexEntry; readonly whole: number }) {
  const { meta, unit, weight } = entry
  if (meta) return <AccountBar weightOf={(account) => meta.ledger[account]} whole={whole} />
  if (unit !== 'microseconds' || weight === null) return null
  return (
    <span class="account-bar" aria-hidden="true">
      <i class="fill-plain" style={{ width: `${shareOf(weight, whole) * 100}%` }} />
    </span>
  )
}
