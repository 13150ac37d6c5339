import { useMemo, useRef, useState } from 'preact/hooks'
import { printable } from '../../../src/profile/printable.js'
import { counted } from '../../../src/render/measure.js'
import {
  type IndexEntry,
  type Refusal,
  type Selection,
  select,
  type ViewerIndex,
} from '../../../src/viewer-api/wire.js'
import { SearchInput } from '../parts/search-input.js'
import { Choice } from '../parts/switch.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { useKeys } from '../parts/use-keys.js'
import { type Place, writePlace } from '../place.js'
import { type ChangeSettings, goTo } from '../use-place.js'
import { GroupTable, RouteTable } from './group-table.js'
import { filterEntries, type Grouping } from './list.js'
import { NO_PICKS, type Picks, pickAll, readPicked, writePicked } from './picks.js'
import { RequestTable } from './request-table.js'

interface RequestsPageProps {
  readonly index: ViewerIndex
  readonly place: Place
  readonly change: ChangeSettings
}

/** Every dump there is; the way to a call tree of one, of several, of a route or of a worker. */
export function RequestsPage({ index, place, change }: RequestsPageProps) {
  const { q = '', sort = '', group = 'none' } = place.settings
  const { picked = '' } = place.settings
  const [last, setLast] = useState<string | null>(null)
  const picks = useMemo(() => ({ ids: readPicked(picked), last }), [picked, last])
  const setPicks = (next: Picks) => {
    setLast(next.last)
    change({ picked: writePicked(next.ids) })
  }
  const filter = useRef<HTMLInputElement>(null)
  const shown = useMemo(() => filterEntries(index.entries, q), [index, q])
  const by = group === 'route' || group === 'worker' ? group : null
  const merge = mergeOf(index.entries, shown, picks)
  useKeys({
    '/': () => filter.current?.focus(),
    a: () => {
      if (!by) setPicks(pickAll(picks, idsOf(shown)))
    },
    m: () => {
      if (merge) goTo(merge.place)
    },
  })

  if (index.entries.length === 0) return <Empty index={index} />
  return (
    <div class="page requests-page">
      <Refusals refusals={index.refusals} />
      <ToolbarFrame>
        <SearchInput
          input={filter}
          label="Filter the requests"
          placeholder="Filter by route, status, worker"
          value={q}
          onInput={(text) => change({ q: text })}
        />
        <Choice<Grouping>
          label="Group by"
          value={by ?? 'none'}
          options={[
            ['none', 'Requests'],
            ['route', 'Routes'],
            ['worker', 'Workers'],
          ]}
          onChange={(value) => change({ group: value === 'none' ? '' : value, sort: '' })}
        />
        <OpenMerged merge={merge} picks={picks} onClear={() => setPicks(NO_PICKS)} />
      </ToolbarFrame>
      {by === 'route' ? (
        <RouteTable all={index.entries} entries={shown} sort={sort} change={change} />
      ) : by === 'worker' ? (
        <GroupTable entries={shown} by={by} sort={sort} change={change} />
      ) : (
        <RequestTable entries={shown} sort={sort} picks={picks} onPick={setPicks} change={change} />
      )}
      {shown.length === 0 && <p class="empty">Nothing matches “{q}”.</p>}
    </div>
  )
}

// --- internal ---

/** What the button opens, and what it is called. */
interface Merge {
  readonly place: Place
  readonly text: string
}

/** All that is picked, or else shown; null where that is nothing to merge. */
function mergeOf(
  all: readonly IndexEntry[],
  shown: readonly IndexEntry[],
  { ids }: Picks,
): Merge | null {
  const chosen = ids.size > 0 ? select(all, { by: 'ids', ids: [...ids] }) : shown
  if (chosen.length === 0 || (chosen.length === 1 && ids.size === 0)) return null
  const selection: Selection =
    chosen.length === all.length ? { by: 'all' } : { by: 'ids', ids: idsOf(chosen) }
  const noun = chosen.every(({ meta }) => meta?.request) ? 'request' : 'profile'
  return {
    place: { view: 'tree', selection, settings: {} },
    text: chosen.length === 1 ? 'Open 1' : `Merge ${counted(chosen.length, noun)}`,
  }
}

interface OpenMergedProps {
  readonly merge: Merge | null
  readonly picks: Picks
  readonly onClear: () => void
}

function OpenMerged({ merge, picks, onClear }: OpenMergedProps) {
  const isPicked = picks.ids.size > 0
  return (
    <span class="open-merged">
      {isPicked && (
        <button type="button" class="plain" onClick={onClear}>
          Clear
        </button>
      )}
      {merge && (
        <a
          class={isPicked ? 'button primary' : 'button'}
          href={writePlace(merge.place)}
          title="As one call tree (m)"
        >
          {merge.text}
        </a>
      )}
    </span>
  )
}

/** The files that could not be read, one line each. */
function Refusals({ refusals }: { readonly refusals: readonly Refusal[] }) {
  if (refusals.length === 0) return null
  return (
    <details class="notice refusals" open={refusals.length <= 3}>
      <summary>{counted(refusals.length, 'file')} could not be read</summary>
      <ul>
        {refusals.map(({ file, reason }) => (
          <li key={file}>
            <bdi class="code">{printable(file)}</bdi> {printable(reason)}
          </li>
        ))}
      </ul>
    </details>
  )
}

function Empty({ index }: { readonly index: ViewerIndex }) {
  return (
    <div class="page">
      <Refusals refusals={index.refusals} />
      <p class="empty">
        No profiles here yet. They appear as soon as they are written: send a request with the
        header <code>x-profile: 1</code>, or add <code>?profile=1</code> to its address.
      </p>
    </div>
  )
}

function idsOf(entries: readonly IndexEntry[]): string[] {
  return entries.map(({ id }) => id)
}
