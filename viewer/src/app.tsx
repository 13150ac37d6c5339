import { useEffect } from 'preact/hooks'
import { printable } from '../../src/profile/printable.js'
import { counted } from '../../src/render/measure.js'
import { type IndexEntry, type Selection, select } from '../../src/server/wire.js'
import { useIndex } from './client.js'
import { FlamePage } from './flame/flame-page.js'
import { type Place, type View, writePlace } from './place.js'
import { nameOf } from './requests/list.js'
import { RequestsPage } from './requests/requests-page.js'
import { useTheme } from './theme.js'
import { TreePage } from './tree/tree-page.js'
import { usePlace } from './use-place.js'

/** The page: where the reader is, and the view that is there. */
export function App() {
  const { place, change } = usePlace()
  const { index, error } = useIndex()
  const { view, selection } = place
  const entries = index && selection ? select(index.entries, selection) : []
  const title = selection ? titleOf(selection, entries) : 'Requests'
  useEffect(() => {
    document.title = `${title} · profview`
  }, [title])
  return (
    <>
      <TopBar place={place} title={title} />
      {error !== '' && (
        <p class="offline" role="status">
          {error}
        </p>
      )}
      <main data-scroll>
        {!index ? (
          <p class="empty">Reading…</p>
        ) : view === 'flame' && selection ? (
          <FlamePage selection={selection} title={title} />
        ) : view === 'tree' && selection ? (
          <TreePage
            key={writePlace({ view, selection, settings: {} })}
            selection={selection}
            entries={entries}
            settings={place.settings}
            change={change}
          />
        ) : (
          <RequestsPage index={index} place={place} change={change} />
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
      return counted(entries.length, 'request')
  }
}

function TopBar({ place, title }: { readonly place: Place; readonly title: string }) {
  const [theme, nextTheme] = useTheme()
  const tab = (view: View, text: string) => (
    <a
      href={writePlace({ view, selection: place.selection, settings: {} })}
      aria-current={place.view === view ? 'page' : undefined}
    >
      {text}
    </a>
  )
  return (
    <nav class="top-bar" aria-label="Views">
      <a class="wordmark" href="#/requests">
        profview
      </a>
      {place.selection && (
        <>
          <span class="crumb">
            <bdi>{title}</bdi>
          </span>
          <span class="tabs">
            {tab('tree', 'Call tree')}
            {tab('flame', 'Flame graph')}
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
    </nav>
  )
}

const THEME_NAMES = { auto: '◐ Auto', light: '○ Light', dark: '● Dark' }
