import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { RouteName, Status } from '../parts/route-name.js'

interface HeadlineProps {
  readonly title: string
  readonly entries: readonly IndexEntry[]
  readonly total?: string
}

/** What is looked at, and how long it took. */
export function Headline({ title, entries, total }: HeadlineProps) {
  const single = entries.length === 1 ? entries[0]! : null
  return (
    <header class="headline page-headline">
      <h1>{single ? <RouteName entry={single} /> : <bdi>{title}</bdi>}</h1>
      {single && <Status entry={single} />}
      {total && <strong class="duration">{total}</strong>}
    </header>
  )
}
