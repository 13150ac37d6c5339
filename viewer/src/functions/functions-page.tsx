import { useEffect, useMemo, useRef } from 'preact/hooks'
import { counted } from '../../../src/render/measure.js'
import { absoluteScale, percentScale } from '../parts/figures.js'
import { SearchInput } from '../parts/search-input.js'
import { Choice } from '../parts/switch.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import { UnitChoice } from '../parts/unit-choice.js'
import { useKeys } from '../parts/use-keys.js'
import type { ViewProps } from '../view-props.js'
import { frameOfKey, functionKey } from './function-key.js'
import { FunctionPanel } from './function-panel.js'
import { FunctionTable } from './function-table.js'
import { buildFunctionsModel, shownFunctions } from './model.js'

/**
 * Every function by its time; beside them the selected one, with its callers, callees and source.
 */
export function FunctionsPage({ selection, whole, profile, title, settings, change }: ViewProps) {
  const { q = '', sort = '-self', fold = '', unit = '', fn = '', at = '' } = settings
  const filter = useRef<HTMLInputElement>(null)
  const table = useRef<HTMLTableElement>(null)
  const all = fold === 'off'
  const model = useMemo(() => buildFunctionsModel(profile), [profile])
  const shown = useMemo(
    () => shownFunctions(model, { all, filter: q, sort: sort || '-self' }),
    [model, all, q, sort],
  )
  const selected = useMemo(() => frameOfKey(profile, fn), [profile, fn])
  const active = useMemo(() => frameOfKey(profile, at || fn), [profile, at, fn])
  const absolute = absoluteScale(profile.unit, model.whole)
  const scale = unit === 'percent' ? percentScale(model.whole) : absolute
  const select = (frame: number) => change({ fn: functionKey(profile.frames[frame]!), at: '' })
  useEffect(() => table.current?.focus({ preventScroll: true }), [])
  useKeys({
    '/': () => filter.current?.focus(),
    '%': () => change({ unit: unit === 'percent' ? '' : 'percent' }),
    Escape: () => change({ fn: '', at: at || fn }),
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
        <UnitChoice absolute={absolute} settings={settings} change={change} />
        <Choice
          label="Functions of"
          value={all ? 'off' : 'on'}
          options={[
            ['on', 'App'],
            ['off', 'All'],
          ]}
          onChange={(value) => change({ fold: value === 'off' ? 'off' : '' })}
        />
        <span class="found" role="status">
          {counted(shown.length, 'function')}
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
            sort={sort || '-self'}
            onSort={(next) => change({ sort: next === '-self' ? '' : next })}
            onMove={(frame) => change({ at: functionKey(profile.frames[frame]!) })}
            onSelect={select}
          />
          {shown.length === 0 && <p class="empty">Nothing matches.</p>}
        </div>
        {selected !== -1 && (
          <FunctionPanel
            key={fn}
            model={model}
            whole={whole}
            selection={selection}
            function_={selected}
            scale={scale}
            onSelect={select}
            onClose={() => change({ fn: '', at: at || fn })}
          />
        )}
      </div>
    </div>
  )
}
