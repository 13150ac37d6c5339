/**
 * The longest turn of the loop in CPU time of its thread, ms: how long the loop was stalled by
 * work, and not by a busy machine. The loop does not sleep meanwhile.
 */
import { closeSync, openSync, readSync } from 'node:fs'

export function createTurns() {
  let clock = null
  let longest = 0
  let next = null
  return {
    start() {
      clock = openClock()
      longest = 0
      let last = clock.read()
      const turn = () => {
        const now = clock.read()
        longest = Math.max(longest, now - last)
        last = now
        next = setImmediate(turn)
      }
      next = setImmediate(turn)
    },
    stop() {
      clearImmediate(next)
      clock.close()
      return longest
    },
  }
}

// --- internal ---

/** The thread's CPU time in ms, by Node or by Linux; it costs 1–3 µs to read. */
function openClock() {
  if (process.threadCpuUsage) {
    const read = () => {
      const { user, system } = process.threadCpuUsage()
      return (user + system) / 1000
    }
    return { read, close() {} }
  }
  const file = openSync('/proc/thread-self/schedstat')
  const bytes = Buffer.alloc(64)
  return {
    read: () => Number.parseInt(bytes.latin1Slice(0, readSync(file, bytes, 0, 64, 0)), 10) / 1e6,
    close: () => closeSync(file),
  }
}
