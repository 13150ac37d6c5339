import type { RefObject } from 'preact'
import type { StackIndex } from '../../../src/profile/profile.js'
import { counted, percent } from '../../../src/render/measure.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { Choice } from '../parts/switch.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import type { ChangeSettings } from '../use-place.js'
import type { TreeModel } from './model.js'
import type { Matches } from './search.js'

interface ToolbarProps {
  readonly model: TreeModel
  /** How times are written when they are not shares. */
  readonly absolute: Scale
  readonly searchInput: RefObject<HTMLInputElement | null>
  readonly text: string
  readonly matches: Matches
  readonly active: StackIndex
  readonly settings: Readonly<Record<string, string>>
  readonly change: ChangeSettings
  readonly onSearch: (text: string) => void
  readonly onMatch: (step: 1 | -1) => void
  readonly onHeaviest: () => void
}

/** Search, and how the tree is shown. */
export function Toolbar(props: ToolbarProps) {
  const { absolute, searchInput, text, settings, change, onSearch, onMatch, onHeaviest } = props
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') onMatch(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape') focusTree()
    else return
    event.preventDefault()
  }
  return (
    <ToolbarFrame>
      <input
        ref={searchInput}
        class="search"
        type="search"
        placeholder="Find a function or file"
        aria-label="Find a function or file"
        value={text}
        onInput={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {text !== '' && <Found {...props} />}
      <button type="button" title="Go down the heaviest calls (h)" onClick={onHeaviest}>
        Heaviest path
      </button>
      <Choice
        label="Times as"
        value={settings.unit === 'percent' ? 'percent' : 'absolute'}
        options={[
          ['absolute', absolute.label],
          ['percent', '%'],
        ]}
        onChange={(value) => change({ unit: value === 'percent' ? value : '' })}
      />
      <Choice
        label="Library and engine calls"
        value={settings.fold === 'off' ? 'off' : 'on'}
        options={[
          ['on', 'Libraries folded'],
          ['off', 'All calls'],
        ]}
        // Folding renumbers the calls, so what was open there means nothing here.
        onChange={(value) => change({ fold: value === 'off' ? 'off' : '', at: '', x: '' })}
      />
      <Choice
        label="Open"
        value={settings.open === 'all' ? 'all' : 'heavy'}
        options={[
          ['heavy', 'Open heavy'],
          ['all', 'All'],
        ]}
        onChange={(value) => change({ open: value === 'all' ? 'all' : '', x: '' })}
      />
    </ToolbarFrame>
  )
}

// --- internal ---

function Found({ model, matches, active, onMatch }: ToolbarProps) {
  const { nodes, covered } = matches
  if (nodes.length === 0) return <span class="found">not found</span>
  const position = nodes.indexOf(active)
  return (
    <span class="found" role="status">
      <button type="button" class="plain" aria-label="previous match" onClick={() => onMatch(-1)}>
        ‹
      </button>
      {position === -1 ? '' : `${position + 1} of `}
      {counted(nodes.length, 'call')}, {percent(shareOf(covered, model.tree.total[0]!))}
      <button type="button" class="plain" aria-label="next match" onClick={() => onMatch(1)}>
        ›
      </button>
    </span>
  )
}

function focusTree(): void {
  document.querySelector<HTMLElement>('[role=treegrid]')?.focus()
}
