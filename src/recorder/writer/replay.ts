/** The dumps of a process that has not written them, of what its journal holds. */
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { deserialize } from 'node:v8'
import { printableReason } from '../../printable.js'
import type { Warning } from '../../profile/profile.js'
import { listDumps } from '../../store/dump-list.js'
import { journalRecords } from '../../store/journal-file.js'
import { DumpWriter } from './dump-writer.js'
import { JOURNAL_WRITER, type JournalHead, type JournalRecord } from './journal.js'
import type { SoFarMessage } from './messages.js'

/** What became of a recording. */
export interface Replayed {
  readonly pid: number
  readonly workerId: number
  /** Null: it could not be made, for this reason. */
  readonly file: string | null
  readonly error: string
  /** What its dump says of its end. */
  readonly text: string
}

/** How a recording's process ended, as its dump shall say. */
export type EndOf = (last: SoFarMessage) => Warning

/** Null: it is no journal that this can read. Throws what the file system throws. */
export function readHead(path: string): JournalHead | null {
  for (const first of journalRecords(path)) {
    const head = understood<JournalHead>(first)
    return head?.writer === JOURNAL_WRITER ? head : null
  }
  return null
}

/**
 * Writes what the journal's process has not written, into the journal's directory, and removes the
 * journal. Throws what the file system throws before anything is written.
 */
export function replay(path: string, endOf: EndOf): Replayed[] {
  const head = readHead(path)
  if (head === null) return []
  const writer = new DumpWriter(head.startedMs)
  const goingOn = new Map<string, SoFarMessage>()
  let isHead = true
  for (const payload of journalRecords(path)) {
    const record = isHead ? null : understood<JournalRecord>(payload)
    isHead = false
    if (record?.type === 'soFar') goingOn.set(record.recording.meta.id, record)
    else if (record !== null) writer.handle(record)
  }
  const dir = dirname(path)
  // It may have been killed right after it wrote one.
  const written = new Set(listDumps(dir).map(({ meta }) => meta.id))
  const left = [...goingOn.values()].filter(({ recording }) => !written.has(recording.meta.id))
  const replayed = left.map((last) => finished(writer, last, dir, head.process.pid, endOf))
  if (replayed.every(({ file }) => file !== null)) rmSync(path, { force: true })
  return replayed
}

// --- internal ---

function understood<T>(payload: Buffer): T | null {
  try {
    return deserialize(payload) as T
  } catch {
    // Of another Node.
    return null
  }
}

function finished(
  writer: DumpWriter,
  last: SoFarMessage,
  dir: string,
  pid: number,
  endOf: EndOf,
): Replayed {
  const { recording, store } = last
  const { meta } = recording
  const end = endOf(last)
  const about = { pid, workerId: meta.process.workerId, text: end.text }
  const answer = writer.handle({
    type: 'finish',
    recording: { ...recording, meta: { ...meta, warnings: [...meta.warnings, end] } },
    store: { ...store, dir, pid },
    body: null,
    isTold: false,
    isAwaited: false,
    cameAlone: false,
    ifSlowMs: null,
  })
  if (answer !== null && 'file' in answer) return { ...about, file: answer.file, error: '' }
  const error = answer !== null && 'error' in answer ? answer.error : printableReason(answer)
  return { ...about, file: null, error }
}
