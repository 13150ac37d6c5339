import { useMemo } from 'preact/hooks'
import { printable } from '../../../src/profile/printable.js'
import { toQuery } from '../../../src/viewer-api/wire.js'
import { Choice } from '../parts/switch.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import type { ViewProps } from '../view-props.js'
import { callRows, functionRows } from './compare-rows.js'
import { DiffTable } from './diff-table.js'
import { Headline } from './headline.js'
import { choicesFor, HALVES, sidesOf } from './sides.js'
import { useDiff } from './use-diff.js'

/** What got slower from one selection to another, for each request. */
export function ComparePage(props: ViewProps<'compare'>) {
  const { selection, entries, index, title, settings, change } = props
  const choices = useMemo(
    () => choicesFor(selection, entries, index.entries),
    [selection, entries, index],
  )
  const { show } = settings
  const wanted = settings.with || (choices[0]?.value === HALVES ? HALVES : '')
  const sides = sidesOf(wanted, selection, entries)
  const { diff, error } = useDiff(sides, `${toQuery(selection)} ${wanted} ${entries.length}`)
  const isTree = show === 'tree'
  const rows = useMemo(
    () => (diff === null ? [] : isTree ? callRows(diff) : functionRows(diff)),
    [diff, isTree],
  )
  return (
    <div class="page compare-page">
      <ToolbarFrame>
        <label class="compare-with">
          {wanted === HALVES ? 'The slow half of ' : ''}
          <b>
            <bdi>{title}</bdi>
          </b>{' '}
          against{' '}
          <select
            aria-label="Compare with"
            value={wanted}
            onChange={(event) => change({ with: event.currentTarget.value })}
          >
            <option value="">…</option>
            {choices.map(({ value, text }) => (
              <option key={value} value={value}>
                {printable(text)}
              </option>
            ))}
          </select>
        </label>
        <Choice
          label="Show changes by"
          value={show}
          options={[
            ['functions', 'Functions'],
            ['tree', 'Calls'],
          ]}
          onChange={(value) => change({ show: value })}
        />
      </ToolbarFrame>
      {error !== '' ? (
        <p class="empty">{printable(error)}</p>
      ) : sides === null ? (
        <p class="empty">Choose what to compare it with.</p>
      ) : diff === null ? (
        <p class="empty">Reading…</p>
      ) : (
        <>
          <Headline diff={diff} />
          <DiffTable diff={diff} rows={rows} changes={isTree ? diff.stacks : diff.functions} />
        </>
      )}
    </div>
  )
}
