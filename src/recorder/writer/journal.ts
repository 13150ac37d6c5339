/**
 * What dumps will be made of that are not written yet, in a file: a killed process has nobody left
 * to write them. It holds what the writer was told, in order, and is there only as long as a
 * recording goes on.
 */
import { serialize } from 'node:v8'
import { ProfviewError } from '../../errors.js'
import { printableReason } from '../../printable.js'
import type { StackTableDelta, Window } from '../../sampler/window.js'
import { JournalFile } from '../../store/journal-file.js'
import { ownVersion } from '../../store/own-version.js'
import { ownIdentity, type ProcessIdentity } from '../../store/process-identity.js'
import type { SoFarMessage, StacksMessage, UnsafeAnswer, WindowMessage } from './messages.js'

/** A journal's first record. */
export interface JournalHead {
  /** Nobody else can be sure to understand the rest. */
  readonly writer: string
  readonly process: ProcessIdentity
  readonly startedMs: number
}

/** The others. */
export type JournalRecord = StacksMessage | WindowMessage | SoFarMessage

/** What the writer still has of the time since then. */
export type Since = (start: number) => Iterable<StackTableDelta | Window>

export class Journal {
  readonly #since: Since
  #file: JournalFile | null = null
  /** Recordings that go on, by their dumps' ids. */
  readonly #goingOn = new Map<string, SoFarMessage>()
  /** It is given up as long as these go on. */
  #isGivenUp = false

  constructor(since: Since) {
    this.#since = since
  }

  /** Null: what there is of the recording is safe. Never throws. */
  soFar(message: SoFarMessage): UnsafeAnswer | null {
    this.#goingOn.set(message.recording.meta.id, message)
    if (this.#isGivenUp) return null
    return this.#tried(() => (this.#file === null ? this.#begin() : this.#add(message)))
  }

  /** What the writer has been told of frames as they were written. */
  told(message: StacksMessage | WindowMessage): UnsafeAnswer | null {
    if (this.#file === null || this.#isGivenUp) return null
    return this.#tried(() => this.#add(message))
  }

  /** Its dump is there, or will not be. What the journal has of it is of no use any more. */
  done(id: string): UnsafeAnswer | null {
    if (!this.#goingOn.delete(id)) return null
    this.#isGivenUp = false
    const before = this.#file
    if (before === null) return null
    this.#file = null
    const unsafe = this.#goingOn.size === 0 ? null : this.#tried(() => this.#begin())
    before.remove()
    return unsafe
  }

  // --- internal ---

  /** A new file, with all that is known of who goes on. */
  #begin(): void {
    const goingOn = [...this.#goingOn.values()]
    const { dir, threadId } = goingOn[0]!.store
    this.#file = new JournalFile(dir, threadId)
    this.#add(headOfThis())
    const from = Math.min(...goingOn.map(({ recording }) => recording.start))
    for (const known of this.#since(from)) {
      if ('sampleTime' in known) this.#add({ type: 'window', window: known, redacted: true })
      else this.#add({ type: 'stacks', table: known, redacted: true })
    }
    for (const message of goingOn) this.#add(message)
  }

  #add(record: JournalHead | JournalRecord): void {
    const payload = serialize(record)
    const file = this.#file!
    const most = Math.min(MOST_BYTES, this.#limit / SHARE)
    if (file.bytes + payload.length > most) {
      throw new ProfviewError('TOO_LARGE', `it would take more than ${Math.floor(most / 1e6)} MB`)
    }
    file.add(payload)
  }

  get #limit(): number {
    return Math.min(...[...this.#goingOn.values()].map(({ store }) => store.limits.bytes))
  }

  /** What is in the file already stays: it is better than nothing. */
  #tried(work: () => void): UnsafeAnswer | null {
    try {
      work()
      return null
    } catch (error) {
      this.#isGivenUp = true
      return { unsafe: printableReason(error) }
    }
  }
}

export const JOURNAL_WRITER = `profview ${ownVersion()} node ${process.version}`

// --- internal ---

const MOST_BYTES = 100_000_000
/** Of what a directory may hold. */
const SHARE = 10

function headOfThis(): JournalHead {
  return {
    writer: JOURNAL_WRITER,
    process: ownIdentity(),
    startedMs: Date.now() - process.uptime() * 1000,
  }
}
