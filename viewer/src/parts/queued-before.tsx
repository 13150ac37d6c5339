import { printable } from '../../../src/printable.js'
import { UNKNOWN } from '../../../src/profile/frames.js'
import type { DumpMeta, QueueCulprit } from '../../../src/profile/profile.js'
import { boundsText, mostOf } from '../../../src/render/bounds.js'
import { duration } from '../../../src/render/measure.js'
import { named, whoOf } from '../../../src/render/names.js'
import type { Locate } from '../../../src/render/paths.js'
import { queuedIn } from '../../../src/render/queued.js'
import { colourOf, inkOf } from './account-colours.js'
import { shareOf } from './figures.js'

interface QueuedBeforeProps {
  readonly sources: readonly DumpMeta[]
  readonly locate: Locate
}

/**
 * What was before the request's first instant: how long it may have waited and with whom the loop
 * was busy, longest first, on a scale of its own; no part of its time. Nothing where it did not
 * wait.
 */
export function QueuedBefore({ sources, locate }: QueuedBeforeProps) {
  const queued = queuedIn(sources)
  if (queued === null) return null
  const { bounds, waited } = queued
  const most = mostOf(bounds)
  const culprits = waited.length === 1 ? waited[0]!.queued!.by : []
  return (
    <section class="queued" aria-label="Before the process saw it" style={MARKS}>
      <span class="queued-head">
        Before 0: queued <b>{boundsText(bounds)}</b>
      </span>
      {culprits.length > 0 && (
        <ol class="queued-bar">
          {shownOf(culprits).map((culprit) => {
            const text = textOf(culprit, locate)
            const width = `${shareOf(culprit.micros, most) * 100}%`
            return (
              <li key={text} style={{ width }} title={`${text}: ${duration(culprit.micros)}`}>
                <bdi>{text}</bdi>
              </li>
            )
          })}
        </ol>
      )}
    </section>
  )
}

// --- internal ---

/** It was in others' way, as what is blocked. */
const MARKS = { '--mark': colourOf('blocked'), '--mark-ink': inkOf('blocked') }
/** Bars of more are slivers: the rest is one. */
const MOST = 12

function shownOf(by: readonly QueueCulprit[]): QueueCulprit[] {
  const rest = by.slice(MOST).reduce((sum, { micros }) => sum + micros, 0)
  const others = { title: 'others', name: '', file: '', line: 0, micros: rest }
  return [...by.slice(0, MOST), ...(rest > 0 ? [others] : [])]
}

/** `GET /report, add (report.js:12)` */
function textOf({ title, name, file, line }: QueueCulprit, locate: Locate): string {
  const place = name === '' ? '' : named({ name, file, line, column: 0 }, locate)
  if (title === UNKNOWN && place !== '') return place
  const who = title === 'others' ? title : whoOf(title)
  return printable(place === '' ? who : `${who}, ${place}`)
}
