/**
 * How the processes ended that this one has started, as Node notes it at each: nothing of theirs is
 * listened to, or changed.
 */
import type { ChildProcess } from 'node:child_process'
import { listenersOf } from '../../sampler/async/channels.js'
import { setInterval } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'

/** Calls back for each that has ended; `look` says at once what is known. Never throws. */
export function watchChildren(
  ended: (pid: number, code: number | null, signal: string | null) => void,
): { look(): void } {
  const children = new Set<ChildProcess>()
  const look = quietly(() => {
    for (const child of children) {
      const { pid, exitCode = null, signalCode = null } = child
      if (exitCode === null && signalCode === null) continue
      children.delete(child)
      if (pid !== undefined) quietly(() => ended(pid, exitCode, signalCode))()
    }
  })
  listenersOf({
    child_process: ({ process: child }: { readonly process: ChildProcess }) => {
      // Anybody may publish there, and anything.
      if (typeof child !== 'object' || child === null) return
      children.add(child)
      // One that could not be started never ends.
      for (const oldest of children) if (children.size > MOST) children.delete(oldest)
    },
  }).enable()
  // Made before anything is followed: it is no part of the program.
  setInterval(look, LOOK_MS).unref()
  return { look }
}

// --- internal ---

const LOOK_MS = 250
const MOST = 1000
