/** What the system says of this thread, as a workload's own truth. */
import { readFileSync } from 'node:fs'

/** ms since the thread began. */
export interface ThreadTimes {
  readonly wall: number
  /** On the CPU. Before Node 24 of the whole process, which is never less. */
  readonly cpu: number
  /** Ready to run while somebody else had the CPU; NaN: the system does not say. */
  readonly queued: number
}

export function threadTimes(): ThreadTimes {
  const { threadCpuUsage = process.cpuUsage } = process as NodeJS.Process & {
    threadCpuUsage?: () => NodeJS.CpuUsage
  }
  const { user, system } = threadCpuUsage()
  return { wall: performance.now(), cpu: (user + system) / 1000, queued: queuedMs() }
}

/** What passed while the function ran. */
export async function timesOf(fn: () => unknown): Promise<ThreadTimes> {
  const before = threadTimes()
  await fn()
  const after = threadTimes()
  return {
    wall: after.wall - before.wall,
    cpu: after.cpu - before.cpu,
    queued: after.queued - before.queued,
  }
}

// --- internal ---

function queuedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6
  } catch {
    return Number.NaN
  }
}
