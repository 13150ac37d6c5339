import { useEffect, useMemo, useRef } from 'preact/hooks'
import { counted, percent } from '../../../src/render/measure.js'
import { Choice } from '../parts/choice.js'
import { absoluteScale, percentScale } from '../parts/figures.js'
import { SearchInput } from '../parts/search-input.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { UnitChoice } from '../parts/unit-choice.js'
import { useKeys } from '../parts/use-keys.js'
import type { ViewProps } from '../view-props.js'
import { frameOfKey, functionKey } from './function-key.js'
import { FunctionPanel } from './function-panel.js'
import { FunctionTable } from './function-table.js'
import { buildFunctionsModel, shareNotShown, shownFunctions } from './functions-model.js'

/**
 * Every function by its time; beside them the selected one, with its callers, callees and source.
 */
export function FunctionsPage(props: ViewProps<'functions'>) {
  const { selection, whole, profile, title, settings, change } = props
  const { q, sort, foldLibraries, unit, selected: key, at } = settings
  const filter = useRef<HTMLInputElement>(null)
  const table = useRef<HTMLTableElement>(null)
  const model = useMemo(() => buildFunctionsModel(profile), [profile])
  const shown = useMemo(
    () => shownFunctions(model, { all: !foldLibraries, filter: q, sort }),
    [model, foldLibraries, q, sort],
  )
  const notShown = foldLibraries && q.trim() === '' ? shareNotShown(model, shown) : 0
  const selected = useMemo(() => frameOfKey(profile, key), [profile, key])
  const active = useMemo(() => frameOfKey(profile, at || key), [profile, at, key])
  const absolute = absoluteScale(profile.unit, model.whole)
  const scale = unit === 'percent' ? percentScale(model.whole) : absolute
  const select = (frame: number) => {
    change({ selected: functionKey(profile.frames[frame]!), at: '' })
  }
  const close = () => change({ selected: '', at: at || key })
  useEffect(() => table.current?.focus({ preventScroll: true }), [])
  useKeys({
    '/': () => filter.current?.focus(),
    '%': () => change({ unit: unit === 'percent' ? 'absolute' : 'percent' }),
    Escape: close,
  })
  if (model.present.length === 0) return <p class="empty">No samples in this profile.</p>
  return (
    <div class="page functions-page">
      <h1 class="unseen">Functions of {title}</h1>
      <ToolbarFrame>
        <SearchInput
          input={filter}
          label="Filter by function or file"
          value={q}
          onInput={(text) => change({ q: text })}
        />
        <UnitChoice absolute={absolute} unit={unit} onChange={(next) => change({ unit: next })} />
        <Choice
          label="Functions of"
          value={foldLibraries ? 'on' : 'off'}
          options={[
            ['on', model.owners.size > 0 ? 'Heaviest' : 'App'],
            ['off', 'All'],
          ]}
          onChange={(value) => change({ foldLibraries: value === 'on' })}
        />
        <span class="found" role="status">
          {counted(shown.length, 'function')}
          {notShown > LITTLE && `, ${percent(notShown)} of the time is in others`}
        </span>
      </ToolbarFrame>
      <div class="functions-columns">
        <div class="functions-list">
          <FunctionTable
            table={table}
            model={model}
            shown={shown}
            active={active}
            selected={selected}
            scale={scale}
            sort={sort}
            onSort={(next) => change({ sort: next })}
            onMove={(frame) => change({ at: functionKey(profile.frames[frame]!) })}
            onSelect={select}
          />
          {shown.length === 0 && <p class="empty">Nothing matches.</p>}
        </div>
        {selected !== -1 && (
          <FunctionPanel
            key={key}
            model={model}
            whole={whole}
            selection={selection}
            function_={selected}
            scale={scale}
            onSelect={select}
            onClose={close}
          />
        )}
      </div>
    </div>
  )
}

/** Of the time; less is not worth a word. */
const LITTLE = 0.05
