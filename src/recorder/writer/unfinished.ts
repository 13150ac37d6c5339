import { threadText } from '../../profile/labels.js'
import type { Warning } from '../../profile/profile.js'
import { warning } from '../../profile/warnings.js'
import type { Ending } from '../../store/run-processes.js'
import type { SoFarMessage } from './messages.js'

/** How a process ended; null: nobody has seen it. */
export type EndSeen = Ending | 'runs' | null

/** What a dump says whose process has not written it itself. */
export function unfinished(last: SoFarMessage, end: EndSeen): Warning {
  const who = threadText(last.recording.meta.process)
  return warning('unfinished', `${who} ${howOf(end, last)}: ${missing(last, end)}`)
}

// --- internal ---

/** With a heap so full V8 gives up soon. */
const NEARLY_FULL = 0.7

function howOf(end: EndSeen, { heapBytes, mostHeapBytes }: SoFarMessage): string {
  if (end === 'runs') return 'still ran'
  if (end?.signal === 'SIGKILL') return 'was killed by SIGKILL'
  const heap = `${megabytes(heapBytes)} of ${megabytes(mostHeapBytes)} MB`
  const isFull = heapBytes > mostHeapBytes * NEARLY_FULL
  const memory = isFull ? `, probably out of memory (its heap: ${heap})` : ''
  if (end === null) return `ended without a word (killed?)${memory}`
  if (end.signal !== null) return `was ended by ${end.signal}${memory}`
  return `exited with code ${end.code} before all was written${memory}`
}

function missing({ recording, timeOrigin }: SoFarMessage, end: EndSeen): string {
  if (end === 'runs') return 'what it did since is missing'
  if (end === null) return 'its last second may be missing, or more if its loop hung'
  const ms = Math.max(0, end.at - (timeOrigin + recording.end))
  return `at most its last ${(Math.ceil(ms / 100) / 10).toFixed(1)} s are missing`
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
