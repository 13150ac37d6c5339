import { ProfviewError } from '../errors.js'
import { printableReason } from '../printable.js'
import type { Screen } from '../render/style.js'
import { errorLine, type Io, lastLine, Output, screenFor } from './output.js'

export const DONE = 0
export const BAD_INPUT = 1
export const BAD_USAGE = 2
export const BROKEN_BUDGET = 3

/** One run of one command: where it writes, and what has gone wrong so far. */
export class Session {
  readonly io: Io
  readonly out: Output
  readonly screen: Screen
  /** 0 until a problem is reported. */
  exitCode = DONE
  readonly #showsProgress: boolean
  #progressAt = 0
  #progressShown = false

  constructor(io: Io) {
    this.io = io
    this.out = new Output(io.stdout)
    this.screen = screenFor(io.stdout, io.env)
    this.#showsProgress = io.stderr.isTTY === true && !io.env.CI
    // Nobody reads the error output: there is nobody to tell.
    io.stderr.on('error', () => {})
  }

  /**
   * One line for people on the error output; the command goes on, and will exit 1 (2 for a bad
   * option).
   */
  problem(error: unknown): void {
    this.note(textOf(error))
    const isUsage = error instanceof ProfviewError && error.code === 'BAD_OPTION'
    this.exitCode = Math.max(this.exitCode, isUsage ? BAD_USAGE : BAD_INPUT)
  }

  /** The same of a budget that is not kept: exit 3. */
  breach(text: string): void {
    this.note(text)
    this.exitCode = BROKEN_BUDGET
  }

  note(text: string): void {
    this.progressDone()
    errorLine(this.io.stderr, text)
  }

  /**
   * What a long work is at, on a terminal; at most ten times a second, and not in its first second.
   */
  progress(text: () => string): void {
    if (!this.#showsProgress) return
    const now = performance.now()
    if (this.#progressAt === 0) this.#progressAt = now + FIRST_PROGRESS_MS
    if (now < this.#progressAt) return
    this.#progressAt = now + NEXT_PROGRESS_MS
    this.#progressShown = true
    lastLine(this.io.stderr, text())
  }

  progressDone(): void {
    if (this.#progressShown) lastLine(this.io.stderr, '')
    this.#progressShown = false
    this.#progressAt = 0
  }
}

// --- internal ---

const FIRST_PROGRESS_MS = 1000
const NEXT_PROGRESS_MS = 100

/** One line; a mistake of ours tells where it happened. */
function textOf(error: unknown): string {
  if (error instanceof ProfviewError) return error.message
  if (error instanceof Error) {
    const isSystem = typeof (error as NodeJS.ErrnoException).syscall === 'string'
    if (isSystem) return error.message
    const places = String(error.stack).match(/^ +at .*$/gm) ?? []
    const where = places.slice(0, 8).map((place) => place.trim())
    return `internal error: ${[`${error.name}: ${printableReason(error)}`, ...where].join(' ')}`
  }
  return printableReason(error)
}
