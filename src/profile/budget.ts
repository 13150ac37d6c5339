import { ProfviewError } from '../errors.js'

/** Bytes that reading may hold where nobody says otherwise, or twice the bytes of a larger file. */
const DEFAULT_MEMORY = 512e6
/** Of those, what Node and its compiler take. */
const OVERHEAD = 120e6
/** One step may cost as much time as so many bytes. */
const BYTES_A_STEP = 100
/** What each packed byte may unfold to; real files are packed to a tenth, or a thirtieth. */
const UNPACKED_A_BYTE = 50
/** Whatever its size is, a packed file may unfold to so much of the memory. */
const UNPACKED_SHARE = 1 / 8
/** Steps that come with each byte of a file, whatever memory there is. */
const STEPS_A_BYTE = 8

/**
 * What reading profiles and adding them up may take. A small file can say very much: packed zeros,
 * inlined calls, a million names. Whatever grows with what a file says is taken from the budget
 * that holds while it is read, before it is allocated; it counts bytes, so that the same file is
 * always read or always refused.
 */
export class Budget {
  #memory: number
  #left: number
  #stepsLeft: number

  /** `memory`: of the whole process. */
  constructor(memory: number, inputBytes: number) {
    this.#memory = memory
    this.#left = Math.max(0, memory - OVERHEAD)
    this.#stepsLeft = memory / BYTES_A_STEP + STEPS_A_BYTE * inputBytes
  }

  get left(): number {
    return this.#left
  }

  /** The same limit for a part of the work: what is left of it. */
  part(memory: number, inputBytes: number): Budget {
    const part = new Budget(memory, inputBytes)
    part.#left = Math.min(part.#left, this.#left)
    return part
  }

  /** Another file is to be read as well: what is allowed for all of them. */
  raise(memory: number): void {
    const more = memory - this.#memory
    if (more <= 0) return
    this.#memory += more
    this.#left += more
  }

  /** Throws `TOO_LARGE` before there is no such memory. Less than 0 gives back. */
  take(bytes: number): void {
    if (bytes > this.#left) throw this.#exceeded(`more than ${megabytes(this.#memory)} of memory`)
    this.#left -= bytes
  }

  /** Bytes to which so many packed ones may unfold: each takes memory, and time to be read. */
  roomFor(packed: number): number {
    return Math.min(this.#left, this.#mostOf(packed))
  }

  /**
   * Takes them, and allows the work that as many bytes of a file may make. Throws `TOO_LARGE` where
   * there is no such room.
   */
  takeUnpacked(packed: number, bytes: number): void {
    this.take(bytes)
    if (bytes > this.#mostOf(packed)) throw this.#exceeded(MUCH_WORK)
    this.#stepsLeft += Math.min(bytes, packed * UNPACKED_A_BYTE)
  }

  /** Throws `TOO_LARGE` where a small file makes very much work. */
  step(count: number): void {
    this.#stepsLeft -= count
    if (this.#stepsLeft < 0) throw this.#exceeded(MUCH_WORK)
  }

  #mostOf(packed: number): number {
    return Math.max(this.#memory * UNPACKED_SHARE, packed * UNPACKED_A_BYTE)
  }

  #exceeded(what: string): ProfviewError {
    const fact = `takes ${what} to read; more is allowed with --max-memory`
    return new ProfviewError('TOO_LARGE', fact)
  }
}

/** What is allowed for files of so many bytes together, if nobody says otherwise. */
export function memoryFor(inputBytes: number): number {
  return Math.max(DEFAULT_MEMORY, 2 * inputBytes)
}

/** The budget holds while `work` runs. */
export function withBudget<Result>(budget: Budget, work: () => Result): Result {
  const before = current
  current = budget
  try {
    return work()
  } finally {
    current = before
  }
}

/** The budget that holds, null for what is not read from a file: the app's own samples. */
export function currentBudget(): Budget | null {
  return current
}

// --- internal ---

const MUCH_WORK = 'far more work than its size'

let current: Budget | null = null

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
