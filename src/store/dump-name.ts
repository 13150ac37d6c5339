import { crypto, workerThreads } from './lazy-node-modules.js'

/** What a dump's file name says. Nothing in it comes from a request. */
export interface DumpName {
  /** When the name was made, ms since the epoch. */
  readonly timeMs: number
  readonly pid: number
  readonly threadId: number
  /** Counts the dumps of a thread. */
  readonly seq: number
  /** The dump’s id. Of version 1, and where nobody had an id yet: of the name alone. */
  readonly id: string
}

/**
 * A name that no other process, thread or moment makes:
 * `20261120T140102.123Z-<pid>-<thread>-<seq>-<id>.cpuprofile`. Names sort by time. In containers
 * every pid may be 1, hence the id, of 64 random bits; whatever is not of its form is not used.
 */
export function makeDumpName(
  timeMs: number = Date.now(),
  thread: number = workerThreads().threadId,
  pid: number = process.pid,
  id: string = newId(),
): string {
  const time = new Date(timeMs).toISOString().replaceAll(/[-:]/g, '')
  return `${time}-${pid}-${thread}-${nextSeq++}-${ID.test(id) ? id : newId()}.cpuprofile`
}

/** What a dump is called wherever it is spoken of: 16 hexadecimal digits. */
export function newId(): string {
  // Node keeps a stock of these; random bytes cost ten times as much. The rest is of a version.
  const uuid = crypto().randomUUID()
  return uuid.slice(0, 8) + uuid.slice(-8)
}

/** Null for any name that `makeDumpName` cannot have made. */
export function parseDumpName(name: string): DumpName | null {
  const match = PATTERN.exec(name)
  if (!match) return null
  const [, year, month, day, hour, minute, second, pid, thread, seq, id] = match
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(timeMs)) return null
  return { timeMs, pid: Number(pid), threadId: Number(thread), seq: Number(seq), id: id! }
}

/** The name under which a dump is written until it is complete. */
export function temporaryName(name: string): string {
  return `.${name}.tmp`
}

export function isTemporaryDump(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp') && PATTERN.test(name.slice(1, -4))
}

/** Of the file that keeps what a dump will be made of: `.<name>.journal`. */
export function journalName(name: string): string {
  return `.${name}${JOURNAL}`
}

export function isJournal(name: string): boolean {
  return name.startsWith('.') && name.endsWith(JOURNAL) && PATTERN.test(dumpOf(name))
}

/** The name under which it is written that the journal's process has not written. */
export function temporaryOfJournal(name: string): string {
  return temporaryName(dumpOf(name))
}

/** Of the file that counts the dumps of a minute since the epoch: `.20261120T1401Z.tally`. */
export function tallyName(minute: number): string {
  const time = new Date(minute * 60_000).toISOString().replaceAll(/[-:]/g, '')
  return `.${time.slice(0, 13)}Z.tally`
}

/** Of the file that says that something was used, by its digest. */
export function claimName(digest: string): string {
  return `.${digest}.claim`
}

/** A file that is needed for some minutes only. */
export function isShortLived(name: string): boolean {
  return SHORT_LIVED.test(name)
}

// --- internal ---

const JOURNAL = '.journal'

function dumpOf(journal: string): string {
  return journal.slice(1, -JOURNAL.length)
}

const SHORT_LIVED = /^\.(\d{8}T\d{4}Z\.tally|[0-9a-f]{32}\.claim)$/

const ID = /^[0-9a-f]{16}$/

const PATTERN =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3})Z-(\d{1,10})-(\d{1,10})-(\d{1,12})-([0-9a-f]{16})\.cpuprofile$/

let nextSeq = 0
