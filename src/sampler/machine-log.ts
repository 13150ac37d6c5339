/**
 * What the machine took from this thread, by the system's own counters: how long it was ready and
 * the CPU was somebody else's, and how long a CPU quota stood in the way. Linux only.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { Float64Column } from '../profile/columns.js'
import { now } from './clock.js'
import { CGROUP, type CgroupFiles, quotaStat } from './cpu-quota.js'
import { whenLeaving } from './visit.js'
import type { Window } from './window.js'

/** See `Window`. NaN: the system does not say. */
export type MachineColumns = Pick<Window, 'machineAt' | 'machineRunQueue' | 'machineThrottled'>

/** Whoever opens this gets the counters of the thread that does. */
const SCHEDSTAT = '/proc/thread-self/schedstat'

export class MachineLog {
  readonly #schedstat: string
  readonly #cgroup: CgroupFiles
  #thread: OpenFile | null = null
  #group: OpenFile | null = null
  #at = new Float64Column(16)
  #runQueueMs = new Float64Column(16)
  #throttledMs = new Float64Column(16)

  constructor(schedstat = SCHEDSTAT, cgroup = CGROUP) {
    this.#schedstat = schedstat
    this.#cgroup = cgroup
  }

  /** Once; on the profiled thread. A millisecond that `read` takes else when it is first called. */
  open(): void {
    this.#thread ??= new OpenFile(this.#schedstat)
    this.#group ??= new OpenFile(quotaStat(this.#cgroup))
  }

  /**
   * Reads the counters, 3 µs and as much again under a quota. Call on the profiled thread; returns
   * its CPU time, ms.
   */
  read(): number {
    this.open()
    // The kernel brings a thread's times up to date when its process asks for its own.
    cpuUsage()
    const { ran, waited } = threadTimes(this.#thread!.read())
    this.#at.push(now())
    this.#runQueueMs.push(waited)
    this.#throttledMs.push(throttledIn(this.#group!.read()))
    return ran
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
const { cpuUsage } = process

/** A file of the kernel’s: opening it takes longer than reading it. */
class OpenFile {
  #fd = -1

  constructor(file: string | null) {
    try {
      if (file !== null) this.#fd = openSync(file, 'r')
      whenLeaving(() => this.#close())
    } catch {
      // Another system, or a container that hides it.
    }
  }

  /** What it says now; '' if it says nothing. */
  read(): string {
    if (this.#fd === -1) return ''
    try {
      return BUFFER.toString('latin1', 0, readSync(this.#fd, BUFFER, 0, BUFFER.length, 0))
    } catch {
      this.#fd = -1
      return ''
    }
  }

  #close(): void {
    if (this.#fd !== -1) closeSync(this.#fd)
    this.#fd = -1
  }
}

/** From `ran waited slices`, ns. A kernel that does not count says that it never ran. */
function threadTimes(text: string): { ran: number; waited: number } {
  const [ran, waited] = text.split(' ').map((nanos) => Number(nanos) / 1e6)
  return ran! > 0 ? { ran: ran!, waited: waited! } : { ran: Number.NaN, waited: Number.NaN }
}

/** `throttled_usec` of version 2, `throttled_time` (ns) of version 1. */
function throttledIn(text: string): number {
  const [, name, value] = /^throttled_(usec|time) (\d+)$/m.exec(text) ?? []
  return Number(value) / (name === 'usec' ? 1e3 : 1e6)
}
