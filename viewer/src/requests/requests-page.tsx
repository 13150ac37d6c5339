import { useMemo, useRef, useState } from 'preact/hooks'
import { printable } from '../../../src/printable.js'
import { counted } from '../../../src/render/measure.js'
import type { IndexEntry, Refusal, ViewerIndex } from '../../../src/viewer-api/wire.js'
import { writeLocation } from '../page-location.js'
import { Choice } from '../parts/choice.js'
import { SearchInput } from '../parts/search-input.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { useKeys } from '../parts/use-keys.js'
import { type ChangeSettings, goTo } from '../use-page-location.js'
import type { SettingsOf } from '../view-settings.js'
import { GroupTable, RouteTable } from './group-table.js'
import { filterEntries } from './list.js'
import { type Merge, mergeOf } from './merge.js'
import { NO_PICKS, type Picks, pickAll } from './picks.js'
import { RequestTable } from './request-table.js'
import { isStall, NoStalls, StallTable } from './stall-table.js'

interface RequestsPageProps {
  readonly index: ViewerIndex
  readonly settings: SettingsOf<'requests'>
  readonly change: ChangeSettings<'requests'>
}

/** Every dump there is; the way to a call tree of one, of several, of a route or of a worker. */
export function RequestsPage({ index, settings, change }: RequestsPageProps) {
  const { q, sort, group, picked } = settings
  const [last, setLast] = useState<string | null>(null)
  const picks = useMemo(() => ({ ids: new Set(picked), last }), [picked, last])
  const setPicks = (next: Picks) => {
    setLast(next.last)
    change({ picked: [...next.ids] })
  }
  const filter = useRef<HTMLInputElement>(null)
  const isStalls = group === 'stalls'
  const shown = useMemo(() => {
    const all = isStalls ? index.entries.filter(isStall) : index.entries
    return filterEntries(all, q)
  }, [index, q, isStalls])
  const merge = mergeOf(index.entries, shown, picks)
  useKeys({
    '/': () => filter.current?.focus(),
    a: () => {
      if (group === 'none') setPicks(pickAll(picks, idsOf(shown)))
    },
    m: () => {
      if (merge?.target) goTo(merge.target)
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
        <Choice
          label="Group by"
          value={group}
          options={[
            ['none', 'Requests'],
            ['route', 'Routes'],
            ['stalls', 'Stalls'],
            ['worker', 'Workers'],
          ]}
          onChange={(value) => change({ group: value, sort: '' })}
        />
        <OpenMerged merge={merge} picks={picks} onClear={() => setPicks(NO_PICKS)} />
      </ToolbarFrame>
      {group === 'route' ? (
        <RouteTable all={index.entries} entries={shown} sort={sort} change={change} />
      ) : group === 'worker' ? (
        <GroupTable entries={shown} by={group} sort={sort} change={change} />
      ) : isStalls ? (
        <StallTable stalls={shown} sort={sort} change={change} />
      ) : (
        <RequestTable entries={shown} sort={sort} picks={picks} onPick={setPicks} change={change} />
      )}
      {shown.length === 0 &&
        (isStalls && q === '' ? <NoStalls /> : <p class="empty">Nothing matches “{q}”.</p>)}
    </div>
  )
}

// --- internal ---

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
      {merge && merge.target === null && (
        <span class="quiet" role="status">
          {merge.text}
        </span>
      )}
      {merge?.target && (
        <a
          class={isPicked ? 'button primary' : 'button'}
          href={writeLocation(merge.target)}
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
