/**
 * What the machine took from this thread, by the system's own counters: how long it was ready and
 * the CPU was somebody else's, and how long a CPU quota stood in the way. Linux only.
 */
import { openSync, readSync } from 'node:fs'
import { Float64Column } from '../profile/columns.js'
import { now } from './clock.js'
import { CGROUP, type CgroupFiles, quotaStat } from './cpu-quota.js'
import type { Window } from './window.js'

/** See `Window`. NaN: the system does not say. */
export type MachineColumns = Pick<Window, 'machineAt' | 'machineRunQueue' | 'machineThrottled'>

/** Whoever opens this gets the counters of the thread that does. */
const SCHEDSTAT = '/proc/thread-self/schedstat'

export class MachineLog {
  readonly #schedstat: string
  readonly #cgroup: CgroupFiles
  #runQueue: Counter | null = null
  #throttled: Counter | null = null
  #at = new Float64Column(16)
  #runQueueMs = new Float64Column(16)
  #throttledMs = new Float64Column(16)

  constructor(schedstat = SCHEDSTAT, cgroup = CGROUP) {
    this.#schedstat = schedstat
    this.#cgroup = cgroup
  }

  /** Reads the counters, 3 µs and as much again under a quota. Call on the profiled thread. */
  read(): void {
    this.#runQueue ??= new Counter(this.#schedstat, runQueueIn)
    this.#throttled ??= new Counter(quotaStat(this.#cgroup), throttledIn)
    this.#at.push(now())
    this.#runQueueMs.push(this.#runQueue.read())
    this.#throttledMs.push(this.#throttled.read())
  }

  /** All readings since the last time. */
  take(): MachineColumns {
    const columns = {
      machineAt: this.#at.finish(),
      machineRunQueue: this.#runQueueMs.finish(),
      machineThrottled: this.#throttledMs.finish(),
    }
    this.#at = new Float64Column(16)
    this.#runQueueMs = new Float64Column(16)
    this.#throttledMs = new Float64Column(16)
    return columns
  }
}

// --- internal ---

const BUFFER = Buffer.alloc(1024)

/** A number in a file of the kernel’s, which stays open: opening takes longer than reading. */
class Counter {
  readonly #parse: (text: string) => number
  #fd = -1

  constructor(file: string | null, parse: (text: string) => number) {
    this.#parse = parse
    try {
      if (file !== null) this.#fd = openSync(file, 'r')
    } catch {
      // Another system, or a container that hides it.
    }
  }

  read(): number {
    if (this.#fd === -1) return Number.NaN
    try {
      const length = readSync(this.#fd, BUFFER, 0, BUFFER.length, 0)
      return this.#parse(BUFFER.toString('latin1', 0, length))
    } catch {
      this.#fd = -1
      return Number.NaN
    }
  }
}

/** `ran waited slices`, ns. A kernel that does not count says that it never ran. */
function runQueueIn(text: string): number {
  const [ran, waited] = text.split(' ')
  return ran === '0' ? Number.NaN : Number(waited) / 1e6
}

/** `throttled_usec` of version 2, `throttled_time` (ns) of version 1. */
function throttledIn(text: string): number {
  const [, name, value] = /^throttled_(usec|time) (\d+)$/m.exec(text) ?? []
  return Number(value) / (name === 'usec' ? 1e3 : 1e6)
}
