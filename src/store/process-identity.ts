import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { codeOf } from '../errors.js'

/** A process, also after another one has got its number, or where every one is number 1. */
export interface ProcessIdentity {
  /** Where its number is its own: the host, and on Linux its boot and namespace of numbers. */
  readonly machine: string
  readonly pid: number
  /** By the system's clock; '' where it does not say. */
  readonly startedAt: string
}

export function ownIdentity(): ProcessIdentity {
  const { pid } = process
  return { machine: machine(), pid, startedAt: stateOf(pid)?.startedAt ?? '' }
}

/** Null: it is of another machine, and cannot be asked for here. */
export function hasEnded({ machine: its, pid, startedAt }: ProcessIdentity): boolean | null {
  if (its !== machine()) return null
  if (!isThere(pid)) return true
  const now = stateOf(pid)?.startedAt ?? ''
  return startedAt !== '' && now !== '' && startedAt !== now
}

/** There is a process of this number that has not ended, whoever's it is. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
  // Its parent may not have asked yet how it ended.
  return !'ZX'.includes(stateOf(pid)?.state ?? '?')
}

// --- internal ---

function machine(): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim())
  return `${hostname()} ${boot} ${read(() => readlinkSync('/proc/self/ns/pid'))}`.trim()
}

function stateOf(pid: number): { readonly state: string; readonly startedAt: string } | null {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The name before the state may hold anything.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' ? null : { state: state!, startedAt: rest[STARTED_AT] ?? '' }
}

/** Of the fields behind the state. */
const STARTED_AT = 18

/** '' where the system has no such thing. */
function read(what: () => string): string {
  try {
    return what()
  } catch {
    return ''
  }
}
