/** One capture, as whoever asks for it sees it: who would answer, who has, and who has not. */
import { randomUUID } from 'node:crypto'
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import { threadText } from '../profile/labels.js'
import { moment } from '../render/measure.js'
import { ioError } from '../store/atomic-write.js'
import {
  type CaptureAnswer,
  type CaptureRequest,
  captureFolder,
  FORGOTTEN_MS,
  isAnswerTo,
  isPresence,
  parseAnswer,
  parseThread,
  presenceName,
  requestName,
  SIGN_MS,
  type ThreadIdentity,
  writeSmall,
} from '../store/capture-files.js'
import { hasEnded } from '../store/process-identity.js'

/** A thread whose dump is not there, and why. */
export interface Missing {
  readonly thread: ThreadIdentity
  readonly reason: string
}

export class CaptureSession {
  readonly request: CaptureRequest
  readonly #dir: string
  readonly #folder: string
  /** Who would answer, by the name of the file that says so: when it last gave a sign, ms. */
  readonly #present = new Map<string, { thread: ThreadIdentity; signAt: number }>()
  readonly #answers = new Map<string, CaptureAnswer>()

  /** Asks; `lastMs` is from now. Throws `IO`, and `BAD_INPUT` where there is no such directory. */
  constructor(dir: string, { forMs, lastMs }: { forMs: number; lastMs: number }, waitMs: number) {
    this.#dir = dir
    this.#folder = captureFolder(dir)
    const startsAt = Date.now() + HEAD_START_MS
    const id = randomUUID().replaceAll('-', '').slice(0, 16)
    const expiresAt = startsAt + forMs + waitMs
    const backMs = lastMs === 0 ? 0 : lastMs + HEAD_START_MS
    this.request = { id, startsAt, forMs, lastMs: backMs, expiresAt }
    const { uid, gid } = ownerOf(dir)
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      writeSmall(this.#folder, requestName(id), this.request)
      // Root asks for somebody else's app.
      for (const path of [this.#folder, join(this.#folder, requestName(id))]) give(path, uid, gid)
    } catch (error) {
      throw ioError('cannot ask in', this.#folder, error)
    }
  }

  /** Reads what there is by now. */
  look(): void {
    for (const name of readdirSync(this.#folder)) {
      if (isPresence(name)) this.#meet(name)
      if (!isAnswerTo(this.request.id, name)) continue
      const answer = parseAnswer(this.#read(name))
      if (answer !== null) this.#answers.set(presenceName(answer.thread), answer)
    }
  }

  /** All who would answer have done so, and nobody else has had to be waited for. */
  get isComplete(): boolean {
    if (Date.now() < this.request.startsAt + this.request.forMs) return false
    for (const [name, { thread }] of this.#present)
      if (!this.#answers.has(name) && hasEnded(thread) !== true) return false
    for (const { state, thread } of this.#answers.values())
      if (state === 'begun' && hasEnded(thread) !== true) return false
    return this.#answers.size > 0
  }

  /** Nobody answers, and nobody ever said that it would. */
  get isDeserted(): boolean {
    const isLate = Date.now() > this.request.startsAt + DESERTED_MS
    return isLate && this.#answers.size === 0 && this.#living().length === 0
  }

  /** How many have a dump, of how many. */
  get progress(): string {
    const written = this.dumps.length
    const all = new Set([...this.#answers.keys(), ...this.#present.keys()]).size
    return `capturing: ${written} of ${all} have answered`
  }

  get dumps(): string[] {
    const written = [...this.#answers.values()].filter(({ state }) => state === 'written')
    return written.map(({ file }) => join(this.#dir, file)).sort()
  }

  /** By the time that nobody is waited for any more. */
  get missing(): Missing[] {
    const missing: Missing[] = []
    for (const { thread, state, reason } of this.#answers.values()) {
      if (state === 'failed') missing.push({ thread, reason })
      if (state !== 'begun') continue
      const isGone = hasEnded(thread) === true
      missing.push({
        thread,
        reason: isGone ? 'it has ended meanwhile' : 'it has not come to its end',
      })
    }
    for (const { thread, signAt } of this.#living())
      missing.push({ thread, reason: silenceOf(thread, signAt) })
    return missing
  }

  /** Nobody shall begin any more, and nothing is left of it. */
  close(): void {
    const { id } = this.request
    const isOfIt = (name: string) => name === requestName(id) || isAnswerTo(id, name)
    try {
      const names = readdirSync(this.#folder).filter(isOfIt)
      for (const name of names) rmSync(join(this.#folder, name), { force: true })
    } catch {
      // It is gone, or nobody may remove from it: the request has an end by itself.
    }
  }

  // --- internal ---

  /** Of those whose process is known to have ended before, nothing is left. */
  #meet(name: string): void {
    const path = join(this.#folder, name)
    const signAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (signAt === undefined) return
    const thread = parseThread(this.#read(name))
    if (thread === null) return
    const isNew = !this.#present.has(name)
    if (isNew && hasEnded(thread) === true) return rmSync(path, { force: true })
    if (isNew && Date.now() - signAt > FORGOTTEN_MS) return
    this.#present.set(name, { thread, signAt })
  }

  /** Those that have not answered and may be there. */
  #living() {
    return [...this.#present].filter(([name]) => !this.#answers.has(name)).map(([, of]) => of)
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.#folder, name), 'utf8')
    } catch {
      // It has just been removed.
      return ''
    }
  }
}

/** `worker 2, pid 4711, thread 1 on web-1` */
export function nameOf(thread: ThreadIdentity): string {
  return printable(`${threadText(thread)} on ${thread.host}`)
}

// --- internal ---

/** Threads look once a second: then all have seen it. */
const HEAD_START_MS = 1500
/** Who has not been there before comes within so long. */
const DESERTED_MS = 6000

function ownerOf(dir: string): { uid: number; gid: number } {
  const stats = statSync(dir, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return stats
  const fact = stats === undefined ? 'there is no such directory' : 'this is no directory'
  const advice = 'name the one that the app writes its dumps to ($PROFVIEW_DIR there)'
  throw new ProfviewError('BAD_INPUT', `${printable(dir)}: ${fact}; ${advice}`, { path: dir })
}

function give(path: string, uid: number, gid: number): void {
  if (process.geteuid?.() !== 0) return
  try {
    chownSync(path, uid, gid)
  } catch (error) {
    if (!['EPERM', 'EINVAL', 'ENOSYS'].includes(codeOf(error))) throw error
  }
}

function silenceOf(thread: ThreadIdentity, signAt: number): string {
  const ended = hasEnded(thread)
  if (ended === true) return 'it is no longer there'
  const isSilent = Date.now() - signAt > 2 * SIGN_MS
  if (!isSilent) return 'it gives signs of life, but has not answered'
  const since = `since ${moment(new Date(signAt).toISOString())}`
  if (thread.threadId > 0) return `its loop has not turned ${since}: it hangs, or was terminated`
  if (ended === false) return `busy ${since}: its loop hangs, so it cannot answer`
  return `no sign of life ${since}: it hangs, or is no longer there`
}
