/** The columns of `list --stalls`. */
import { duration } from '../render/measure.js'
import { locatorForDumps } from '../render/paths.js'
import { causeText, delayedText, holderText, placeText } from '../render/stall-facts.js'
import type { Column } from '../render/table.js'
import type { DumpEntry } from '../store/dump-list.js'

/** But for the id, the time, the worker and the file, which all lists have. */
export function stallColumns(
  entries: readonly DumpEntry[],
  cwd: string,
): readonly Column<DumpEntry>[] {
  const locate = locatorForDumps(
    entries.map(({ meta }) => meta),
    cwd,
  )
  return [
    { head: 'duration', text: ({ meta }) => duration(meta.durationMicros), right: true },
    { head: 'whose', text: ({ meta }) => holderText(meta), shortest: 16 },
    { head: 'function', text: ({ meta }) => placeText(meta, locate), shortest: 16 },
    { head: 'cause', text: ({ meta }) => causeText(meta), dropped: 2 },
    { head: 'waited', text: ({ meta }) => delayedText(meta), dropped: 6 },
  ]
}
