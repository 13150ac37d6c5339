import { useMemo } from 'preact/hooks'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { timeWriter } from '../parts/times.js'
import { type ChangeSettings, goTo } from '../use-place.js'
import { requestColumns } from './columns.js'
import { durationScale, Grid } from './grid.js'
import { durationOf, sortEntries } from './list.js'
import { areAllPicked, type Picks, pickAll, pickRow } from './picks.js'
import { RequestRow } from './request-row.js'

interface RequestTableProps {
  readonly entries: readonly IndexEntry[]
  readonly sort: string
  readonly picks: Picks
  readonly onPick: (picks: Picks) => void
  readonly change: ChangeSettings
}

/** One row a request. Enter opens it, space picks it. */
export function RequestTable({ entries, sort, picks, onPick, change }: RequestTableProps) {
  const sorted = useMemo(() => sortEntries(entries, sort), [entries, sort])
  const shown = useMemo(() => sorted.map(({ id }) => id), [sorted])
  const slowest = useMemo(
    () => sorted.reduce((most, each) => Math.max(most, durationOf(each)), 0),
    [sorted],
  )
  const scale = durationScale(slowest)
  const writeTime = useMemo(() => timeWriter(entries), [entries])
  const pick = (row: number, toHere: boolean) => onPick(pickRow(picks, shown, row, toHere))
  return (
    <Grid
      label="Requests"
      rowClass="request-row"
      columns={requestColumns(scale.label)}
      count={sorted.length}
      sort={sort}
      change={change}
      onOpen={(row) => {
        goTo({ view: 'tree', selection: { by: 'ids', ids: [shown[row]!] }, settings: {} })
      }}
      onPick={pick}
      pickAll={
        <input
          type="checkbox"
          checked={areAllPicked(picks, shown)}
          aria-label="pick all that are shown"
          title="Pick all that are shown, or none (a)"
          onClick={() => onPick(pickAll(picks, shown))}
        />
      }
      render={(row, active) => {
        const entry = sorted[row]!
        return (
          <RequestRow
            key={entry.id}
            entry={entry}
            index={row}
            active={active}
            picked={picks.ids.has(entry.id)}
            slowest={slowest}
            scale={scale}
            writeTime={writeTime}
            onPick={pick}
          />
        )
      }}
    />
  )
}
