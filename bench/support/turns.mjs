/**
 * The longest turn of the loop in CPU time of its thread, ms: how long the loop was stalled by
 * work, and not by a busy machine. The loop does not sleep meanwhile.
 */
import { threadMicros } from './thread-clock.mjs'

export function createTurns() {
  let longest = 0
  let next = null
  return {
    start() {
      longest = 0
      let last = threadMicros()
      const turn = () => {
        const now = threadMicros()
        longest = Math.max(longest, now - last)
        last = now
        next = setImmediate(turn)
      }
      next = setImmediate(turn)
    },
    stop() {
      clearImmediate(next)
      return longest / 1000
    },
  }
}
