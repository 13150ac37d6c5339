/** What the system says of this thread, as a workload's own truth. */
import { readFileSync } from 'node:fs'

/** ms since the thread began. */
export interface ThreadTimes {
  readonly wall: number
  /** On the CPU; where only the process's is known, that, which is never less. */
  readonly cpu: number
  /** Ready to run while somebody else had the CPU; NaN: the system does not say. */
  readonly queued: number
}

export function threadTimes(): ThreadTimes {
  const { user, system } = process.cpuUsage()
  const [ran, queued] = schedstat()
  const cpu = Number.isNaN(ran) ? (user + system) / 1000 : ran
  return { wall: performance.now(), cpu, queued }
}

/** What passed while the function ran. */
export async function timesOf(fn: () => unknown): Promise<ThreadTimes> {
  const before = threadTimes()
  await fn()
  return elapsed(before)
}

export function elapsed(before: ThreadTimes): ThreadTimes {
  const after = threadTimes()
  return {
    wall: after.wall - before.wall,
    cpu: after.cpu - before.cpu,
    queued: after.queued - before.queued,
  }
}

// --- internal ---

/** Up to date right after a look at `process.cpuUsage()`. */
function schedstat(): [ran: number, queued: number] {
  try {
    const text = readFileSync('/proc/thread-self/schedstat', 'latin1')
    const [ran, queued] = text.split(' ').map((nanos) => Number(nanos) / 1e6)
    return [ran!, queued!]
  } catch {
    return [Number.NaN, Number.NaN]
  }
}
