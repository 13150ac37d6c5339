import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { counted } from '../../../src/render/measure.js'
import {
  type IndexEntry,
  type Selection,
  select,
  type ViewerIndex,
} from '../../../src/server/wire.js'
import { isTyping } from '../parts/grid-keys.js'
import { Choice } from '../parts/switch.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { type Place, writePlace } from '../place.js'
import type { ChangeSettings } from '../use-place.js'
import { filterEntries, type Grouping } from './list.js'
import { Refusals } from './refusals.js'
import { GroupTable, RequestTable } from './tables.js'

interface RequestsPageProps {
  readonly index: ViewerIndex
  readonly place: Place
  readonly change: ChangeSettings
}

/** Every dump there is; the way to a call tree of one, of several, of a route or of a worker. */
export function RequestsPage({ index, place, change }: RequestsPageProps) {
  const { q = '', sort = '-time', group = 'none' } = place.settings
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const filter = useRef<HTMLInputElement>(null)
  const shown = useMemo(() => filterEntries(index.entries, q), [index, q])
  const pick = (id: string) => setPicked((now) => toggled(now, id))

  useEffect(() => {
    const focusFilter = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event)) return
      event.preventDefault()
      filter.current?.focus()
    }
    addEventListener('keydown', focusFilter)
    return () => removeEventListener('keydown', focusFilter)
  }, [])

  if (index.entries.length === 0) return <Empty index={index} />
  const by = group === 'route' || group === 'worker' ? group : null
  return (
    <div class="page requests-page">
      <Refusals refusals={index.refusals} />
      <ToolbarFrame>
        <input
          ref={filter}
          class="search"
          type="search"
          placeholder="Filter by route, status, worker"
          aria-label="Filter the requests"
          value={q}
          onInput={(event) => change({ q: event.currentTarget.value })}
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
        <OpenMerged
          all={index.entries}
          shown={shown}
          picked={picked}
          onClear={() => setPicked(new Set())}
        />
      </ToolbarFrame>
      {by ? (
        <GroupTable
          entries={shown}
          by={by}
          sort={sort === '-time' ? '-duration' : sort}
          change={change}
        />
      ) : (
        <RequestTable entries={shown} sort={sort} picked={picked} onPick={pick} change={change} />
      )}
      {shown.length === 0 && <p class="empty">Nothing matches “{q}”.</p>}
    </div>
  )
}

// --- internal ---

interface OpenMergedProps {
  readonly all: readonly IndexEntry[]
  readonly shown: readonly IndexEntry[]
  readonly picked: ReadonlySet<string>
  readonly onClear: () => void
}

function OpenMerged({ all, shown, picked, onClear }: OpenMergedProps) {
  const chosen = picked.size > 0 ? select(all, { by: 'ids', ids: [...picked] }) : shown
  if (chosen.length < 2 && picked.size === 0) return null
  const selection: Selection =
    chosen.length === all.length
      ? { by: 'all' }
      : { by: 'ids', ids: chosen.map((entry) => entry.id) }
  const noun = chosen.every(({ meta }) => meta?.request) ? 'request' : 'profile'
  const place = writePlace({ view: 'tree', selection, settings: {} })
  return (
    <span class="open-merged">
      {picked.size > 0 && (
        <button type="button" class="plain" onClick={onClear}>
          Clear
        </button>
      )}
      <a class={picked.size > 0 ? 'button primary' : 'button'} href={place}>
        {chosen.length === 1 ? 'Open 1' : `Merge ${counted(chosen.length, noun)}`}
      </a>
    </span>
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

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}
