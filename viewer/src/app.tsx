import { useEffect } from 'preact/hooks'
import { printable } from '../../src/printable.js'
import { counted } from '../../src/render/measure.js'
import { type IndexEntry, type Selection, select, toQuery } from '../../src/viewer-api/wire.js'
import { useIndex } from './data/use-index.js'
import {
  otherView,
  type PageLocation,
  SELECTION_VIEWS,
  type SelectionView,
} from './page-location.js'
import { nameOf, nounOfEntries } from './parts/entry-name.js'
import { Help } from './parts/help.js'
import { RequestsPage } from './requests/requests-page.js'
import { SelectionPage } from './selection-page.js'
import { useTheme } from './theme.js'
import { usePageLocation } from './use-page-location.js'

/** The page: where the reader is, and the view that is there. */
export function App() {
  const { here, change } = usePageLocation()
  const { index, error } = useIndex()
  const { selection } = here
  const entries = index && selection ? select(index.entries, selection) : []
  const title = selection ? titleOf(selection, entries) : 'Requests'
  useEffect(() => {
    document.title = `${title} · profview`
  }, [title])
  return (
    <>
      <TopBar here={here} title={title} />
      {error !== '' && (
        <p class="offline" role="status">
          {error}
        </p>
      )}
      <main data-scroll>
        {!index ? (
          <p class="empty">Reading…</p>
        ) : here.view === 'requests' ? (
          <RequestsPage index={index} settings={here.settings} change={change} />
        ) : (
          <SelectionPage
            key={toQuery(here.selection)}
            {...here}
            index={index}
            entries={entries}
            title={title}
            change={change}
          />
        )}
      </main>
    </>
  )
}

// --- internal ---

function titleOf(selection: Selection, entries: readonly IndexEntry[]): string {
  if (entries.length === 1) return printable(nameOf(entries[0]!))
  switch (selection.by) {
    case 'route':
      return printable(selection.route)
    case 'worker':
      return `worker ${printable(selection.worker)}`
    default:
      return counted(entries.length, nounOfEntries(entries))
  }
}

interface TopBarProps {
  readonly here: PageLocation
  readonly title: string
}

function TopBar({ here, title }: TopBarProps) {
  const [theme, nextTheme] = useTheme()
  return (
    <nav class="top-bar" aria-label="Views">
      <a class="wordmark" href="#/requests">
        profview
      </a>
      {here.view !== 'requests' && (
        <>
          <span class="crumb">
            <bdi>{title}</bdi>
          </span>
          <span class="tabs">
            {SELECTION_VIEWS.map((view) => (
              <a
                key={view}
                href={otherView(here, view)}
                aria-current={here.view === view ? 'page' : undefined}
              >
                {TAB_NAMES[view]}
              </a>
            ))}
          </span>
        </>
      )}
      <button
        type="button"
        class="plain theme"
        onClick={nextTheme}
        title="Colours: system, light, dark"
      >
        {THEME_NAMES[theme]}
      </button>
      <Help view={here.view} />
    </nav>
  )
}

const TAB_NAMES: Readonly<Record<SelectionView, string>> = {
  tree: 'Call tree',
  timeline: 'Timeline',
  functions: 'Functions',
  flame: 'Flame graph',
  compare: 'Compare',
}

const THEME_NAMES = { auto: '◐ Auto', light: '○ Light', dark: '● Dark' }
