import { useEffect, useMemo, useState } from 'preact/hooks'
import { type DiffSide, diffProfiles, type ProfileDiff } from '../../../src/analysis/diff.js'
import { printable } from '../../../src/printable.js'
import { perWhat, sideFacts } from '../../../src/render/diff/diff-table.js'
import { amount } from '../../../src/render/measure.js'
import { toQuery } from '../../../src/viewer-api/wire.js'
import { dataSource } from '../data/page-source.js'
import { Choice } from '../parts/choice.js'
import { ToolbarFrame } from '../parts/toolbar.js'
import type { ViewProps } from '../view-props.js'
import { changeText } from './change.js'
import { callRows, functionRows } from './compare-rows.js'
import { DiffTable } from './diff-table.js'
import { choicesFor, HALVES, type Sides, sidesOf } from './sides.js'

/** What got slower from one selection to another, for each request. */
export function ComparePage(props: ViewProps<'compare'>) {
  const { selection, entries, index, title, settings, change } = props
  const choices = useMemo(
    () => choicesFor(selection, entries, index.entries),
    [selection, entries, index],
  )
  const { show } = settings
  const fallback = choices[0]?.value === HALVES ? HALVES : ''
  const wanted = settings.with || fallback
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
            {fallback === '' && <option value="">…</option>}
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
          <DiffTable
            diff={diff}
            rows={rows}
            changes={isTree ? diff.stacks : diff.functions}
            inTheWay={isTree ? null : diff.inTheWay}
          />
        </>
      )}
    </div>
  )
}

// --- internal ---

interface Comparison {
  readonly diff: ProfileDiff | null
  readonly error: string
}

/** Both sides, fetched and compared. `key` tells one pair of sides from another. */
function useDiff(sides: Sides | null, key: string): Comparison {
  const [comparison, setComparison] = useState<Comparison>({ diff: null, error: '' })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` tells one pair of sides from another
  useEffect(() => {
    setComparison({ diff: null, error: '' })
    if (sides === null) return
    const stop = new AbortController()
    const load = async () => {
      const before = await dataSource.load(sides.before, stop.signal)
      const after = await dataSource.load(sides.after, stop.signal)
      setComparison({ diff: diffProfiles(before, after), error: '' })
    }
    load().catch((reason: Error) => {
      if (!stop.signal.aborted) setComparison({ diff: null, error: reason.message })
    })
    return () => stop.abort()
  }, [key])
  return comparison
}

/** Both sides, and the change of a whole request. */
function Headline({ diff }: { readonly diff: ProfileDiff }) {
  const { before, after, profile, stacks } = diff
  const verdict = stacks.verdict[0]!
  return (
    <header class="summary">
      <div class="headline">
        <h1>
          {changeText(after.perRequest - before.perRequest, profile.unit)} {perWhat(diff)}
        </h1>
        {verdict === 0 && before.perRequest !== after.perRequest && (
          <span class="cannot-tell">cannot tell: the noise is larger</span>
        )}
      </div>
      <p class="facts">
        before: {sideText(before, profile.unit)} · after: {sideText(after, profile.unit)}
      </p>
    </header>
  )
}

function sideText(side: DiffSide, unit: ProfileDiff['profile']['unit']) {
  return `${amount(side.perRequest, unit)} (${sideFacts(side)})`
}
