import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * How long the end of a process is held up for what it has to write. Where that gets on, for all of
 * it, but not without end; a disk that does not answer is not waited for.
 */
export class ExitPatience {
  readonly #clock: ExitClock
  readonly #allMs: number
  readonly #wallAt: number
  readonly #cpuAt: number
  #idleMs: number
  readonly #nextIdleMs: number
  /** When something was done, or all began. */
  #progressAt: number
  #lookedCpu: number
  /** Looks in a row at which the process neither worked nor wanted to. */
  #idleLooks = 0

  constructor({ firstMs, nextMs, allMs }: ExitLimits, clock: ExitClock = PROCESS_CLOCK) {
    this.#clock = clock
    this.#idleMs = firstMs
    this.#nextIdleMs = nextMs
    this.#allMs = allMs
    this.#wallAt = this.#progressAt = clock.wallMs()
    this.#cpuAt = this.#lookedCpu = clock.cpuMs()
  }

  /** Something is done. */
  renew(): void {
    this.#progressAt = this.#clock.wallMs()
    this.#idleMs = this.#nextIdleMs
    this.#idleLooks = 0
  }

  /** Waits with the function until it is worth asking again. */
  wait(wait: (ms: number) => void): void {
    wait(LOOK_MS)
    const cpu = this.#clock.cpuMs()
    const isBusy = cpu - this.#lookedCpu >= OWN_CPU_MS || this.#clock.wantsCpu()
    this.#idleLooks = isBusy ? 0 : this.#idleLooks + 1
    this.#lookedCpu = cpu
  }

  get isOver(): boolean {
    const isStuck = this.#isIdle && this.#clock.wallMs() - this.#progressAt >= this.#idleMs
    return isStuck || this.isSpent
  }

  /**
   * Nothing more may be begun. The limit is one of wall-clock time, unless the machine is to blame:
   * then the process gets as much of the CPU as on one of its own.
   */
  get isSpent(): boolean {
    const wall = this.#clock.wallMs() - this.#wallAt
    if (wall < this.#allMs) return false
    const cpu = this.#clock.cpuMs() - this.#cpuAt
    const isQuiet = cpu >= wall * QUIET_SHARE || this.#isIdle
    return isQuiet || cpu >= this.#allMs * MOST_CPU || wall >= this.#allMs * MOST_WALL
  }

  // --- internal ---

  get #isIdle(): boolean {
    return this.#idleLooks >= IDLE_LOOKS
  }
}

/** From now on, ms. */
export interface ExitLimits {
  /** For a process that does nothing until the first thing is done, */
  readonly firstMs: number
  /** and between any others. */
  readonly nextMs: number
  /** For one that works. */
  readonly allMs: number
}

export interface ExitClock {
  wallMs(): number
  /** Of all threads of the process. */
  cpuMs(): number
  /** Another thread of the process than this one runs, or would if there were a CPU for it. */
  wantsCpu(): boolean
}

export const PROCESS_CLOCK: ExitClock = {
  wallMs: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  wantsCpu: () => {
    try {
      const self = basename(readlinkSync('/proc/thread-self'))
      return readdirSync('/proc/self/task').some((id) => id !== self && isRunnable(id))
    } catch {
      // Not Linux.
      return false
    }
  },
}

// --- internal ---

const LOOK_MS = 5
/** Of a look, at most: more is the others'. */
const OWN_CPU_MS = 2
const IDLE_LOOKS = 4
/** Of the wall-clock time on the CPU: the machine is not to blame. */
const QUIET_SHARE = 0.8
/** Times the limit: what is shared with others is slower, too. */
const MOST_CPU = 3
const MOST_WALL = 10

function isRunnable(thread: string): boolean {
  try {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
    // The name before the state may hold anything.
    return stat[stat.lastIndexOf(')') + 2] === 'R'
  } catch {
    // It has just ended.
    return false
  }
}
