import type { RefObject } from 'preact'
import { useState } from 'preact/hooks'
import type { StackIndex } from '../../../src/profile/profile.js'
import { counted, percent } from '../../../src/render/measure.js'
import { MOST_LEVELS } from '../../../src/transform/invert.js'
import { Choice } from '../parts/choice.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { useNarrow } from '../parts/narrow.js'
import { focusTable, SearchInput } from '../parts/search-input.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { UnitChoice } from '../parts/unit-choice.js'
import type { ChangeSettings } from '../use-page-location.js'
import type { SettingsOf } from '../view-settings.js'
import { hasOptions, Options } from './options.js'
import type { Matches } from './search.js'
import type { TreeModel } from './tree-model.js'

interface ToolbarProps {
  readonly model: TreeModel
  /** How times are written when they are not shares. */
  readonly absolute: Scale
  readonly searchInput: RefObject<HTMLInputElement | null>
  readonly text: string
  readonly matches: Matches
  readonly active: StackIndex
  readonly settings: SettingsOf<'tree'>
  readonly change: ChangeSettings<'tree'>
  readonly onSearch: (text: string) => void
  readonly onMatch: (step: 1 | -1) => void
  readonly onHeaviest: () => void
  readonly onInvert: () => void
  readonly onCopy: () => void
}

/** Search, and how the tree is shown; what is seldom changed is behind a button. */
export function Toolbar(props: ToolbarProps) {
  const { searchInput, text, settings, change, onSearch, onMatch } = props
  const { inverted, source } = props.model
  const narrow = useNarrow()
  const [more, setMore] = useState(hasOptions(settings))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') onMatch(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape') focusTable()
    else return
    event.preventDefault()
  }
  return (
    <ToolbarFrame>
      <SearchInput
        input={searchInput}
        label="Find a function or file"
        value={text}
        onInput={onSearch}
        onKeyDown={onKeyDown}
      />
      {text !== '' && <Found {...props} />}
      <Actions {...props} />
      {(!narrow || more) && <Choices {...props} />}
      <button
        type="button"
        class={more ? 'pressed' : ''}
        aria-expanded={more}
        title="Leave out short calls, fold by name or file"
        onClick={() => setMore(!more)}
      >
        Options{hasOptions(settings) ? ' •' : ''}
      </button>
      {inverted && source.levels < MOST_LEVELS && (
        <span class="found">the nearest {source.levels} callers</span>
      )}
      {more && <Options settings={settings} change={change} />}
    </ToolbarFrame>
  )
}

// --- internal ---

function Actions({ active, onHeaviest, onCopy }: ToolbarProps) {
  const what = active > 0 ? 'the call and what it called' : 'the tree'
  return (
    <>
      <button type="button" title="Go down the heaviest calls (h)" onClick={onHeaviest}>
        Heaviest path
      </button>
      <button type="button" title={`Copy ${what} as text (c)`} onClick={onCopy}>
        Copy
      </button>
    </>
  )
}

function Choices({ absolute, settings, change, onInvert }: ToolbarProps) {
  return (
    <>
      <UnitChoice absolute={absolute} unit={settings.unit} onChange={(unit) => change({ unit })} />
      <Choice
        label="Below a function"
        value={settings.invert ? 'on' : 'off'}
        options={[
          ['off', 'Callees'],
          ['on', 'Callers'],
        ]}
        onChange={(value) => {
          if ((value === 'on') !== settings.invert) onInvert()
        }}
      />
      <Choice
        label="Library and engine calls"
        value={settings.foldLibraries ? 'on' : 'off'}
        options={[
          ['on', 'Libraries folded'],
          ['off', 'All calls'],
        ]}
        onChange={(value) => change({ foldLibraries: value === 'on' })}
      />
      <Choice
        label="Open"
        value={settings.open}
        options={[
          ['heavy', settings.invert ? 'Closed' : 'Open heavy'],
          ['all', 'All'],
        ]}
        onChange={(open) => change({ open, overrides: [] })}
      />
    </>
  )
}

function Found({ model, matches, active, onMatch }: ToolbarProps) {
  const { nodes, covered, inTheWay } = matches
  const share = (time: number) => percent(shareOf(time, model.tree.total[0]!))
  if (nodes.length === 0) return <span class="found">not found</span>
  const position = nodes.indexOf(active)
  return (
    <span class="found" role="status">
      <button type="button" class="plain" aria-label="previous match" onClick={() => onMatch(-1)}>
        ‹
      </button>
      {position === -1 ? '' : `${position + 1} of `}
      {counted(nodes.length, 'call')}, {share(covered)}
      {inTheWay !== 0 && `, ${share(inTheWay)} in the way`}
      <button type="button" class="plain" aria-label="next match" onClick={() => onMatch(1)}>
        ›
      </button>
    </span>
  )
}
