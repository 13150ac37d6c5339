import { printable } from '../../../src/printable.js'
import { exactly, mostOf } from '../../../src/render/bounds.js'
import type { Locate } from '../../../src/render/paths.js'
import {
  causeText,
  delayedText,
  holderText,
  longestDelay,
  placeText,
} from '../../../src/render/stall-facts.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { workerOfEntry } from '../../../src/viewer-api/wire.js'
import { writeLocation } from '../page-location.js'
import type { TableColumn } from '../parts/columns.js'
import type { Scale } from '../parts/figures.js'
import { durationOf } from './list.js'
import { treeOf } from './request-columns.js'
import { timeColumn } from './time-column.js'

/** What the columns of the stalls depend on. */
export interface StallFacts {
  /** How durations are written. */
  readonly scale: Scale
  readonly writeTime: (time: Date) => string
  readonly locate: Locate
}

/** One stall: when and how long, whose it was and where, why, and who waited. */
export function stallColumns({ scale, writeTime, locate }: StallFacts): TableColumn<IndexEntry>[] {
  const whose = ({ meta }: IndexEntry) => holderText(meta!) || 'unknown code'
  const place = ({ meta }: IndexEntry) => placeText(meta!, locate)
  return [
    timeColumn(writeTime),
    {
      class: 'cell-duration',
      head: `Duration ${scale.label}`,
      hint: `for how long the loop could not look for what had come in, in ${scale.label}`,
      width: '84px',
      number: true,
      sort: 'duration',
      sortsBy: durationOf,
      cell: (entry) => scale.write(durationOf(entry)),
    },
    {
      class: 'cell-name',
      head: 'Held by',
      hint: 'whose code had the loop longest',
      width: 'minmax(140px, 1fr)',
      sort: 'name',
      fromA: true,
      sortsBy: whose,
      cell: (entry) => (
        <a href={writeLocation(treeOf(entry))} tabIndex={-1} draggable={false}>
          <bdi>{whose(entry)}</bdi>
        </a>
      ),
    },
    {
      class: 'cell-place',
      head: 'In',
      hint: 'the function in which they had it',
      width: 'minmax(140px, 1.4fr)',
      sort: 'place',
      fromA: true,
      sortsBy: place,
      cell: (entry) => <bdi>{place(entry)}</bdi>,
      facts: (entry) => ({ title: place(entry) }),
    },
    {
      class: 'cell-cause',
      head: 'Cause',
      hint: 'why the loop could not go on: one callback, promises and ticks, many short callbacks',
      width: '104px',
      sort: 'cause',
      fromA: true,
      sortsBy: ({ meta }) => causeText(meta!),
      cell: ({ meta }) => causeText(meta!),
    },
    {
      class: 'cell-waited',
      head: `Waited ${scale.label}`,
      hint: `how many requests waited for it, and the longest of them in ${scale.label}`,
      width: '152px',
      number: true,
      sort: 'waited',
      sortsBy: ({ meta }) => mostOf(longestDelay(meta!) ?? exactly(0)),
      cell: ({ meta }) => delayedText(meta!, scale.write),
      facts: ({ meta }) => ({
        ...(meta!.stall?.delayedCount ? {} : { class: 'quiet' }),
        title: (meta!.stall?.delayed ?? []).map(({ title }) => printable(title)).join('\n'),
      }),
    },
    {
      class: 'cell-worker',
      head: 'Worker',
      width: '72px',
      sort: 'worker',
      fromA: true,
      sortsBy: workerOfEntry,
      cell: workerOfEntry,
    },
  ]
}
