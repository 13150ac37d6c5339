/** The finding about time off the CPU: in what call, or that the machine took it. */

import type { SelfGroup } from '../../analysis/self-groups.js'
import { printable } from '../../printable.js'
import { accountOfKind, frameKind, isEngine } from '../../profile/frames.js'
import type { DumpMeta, Micros } from '../../profile/profile.js'
import { exactly, partText } from '../bounds.js'
import { duration, partOf } from '../measure.js'
import { named } from '../names.js'
import { type Candidate, type Facts, within } from './candidates.js'

/**
 * Names the call in which at least half of it was. What the system says of the machine is an upper
 * bound: that it was the machine is said only where it may have been nearly all, and no call that
 * can wait explains it; else "up to". Of a request that was kept afterwards, the system was asked
 * at some time before its start.
 */
export function offCpuCandidate(facts: Facts): Candidate[] {
  const { tree, groups, totals, whole } = facts
  const most = groups.find(({ account }) => account === 'offcpu')
  if (!most) return []
  const machine = machineTime(tree.profile.sources)
  const isMachine =
    machine.isOfIt &&
    machine.share >= NEARLY_ALL &&
    calledMicros(facts) <= totals.offcpu * (1 - NEARLY_ALL)
  const fact = `Off-CPU: ${partOf(totals.offcpu, whole)}${isMachine ? '' : placeOf(facts, most)}`
  const cause = isMachine ? `: ${TOOK[machine.taker]}` : mayBe(machine, totals.offcpu)
  return [
    {
      kind: 'offcpu',
      stack: most.stack,
      micros: totals.offcpu,
      textIn: (requests) => `${fact}${requests}${cause}.`,
      covers: within(facts, 'offcpu'),
    },
  ]
}

// --- internal ---

/** Of the time off the CPU: samples tell it to some milliseconds only. */
const NEARLY_ALL = 0.9
/** What of it is worth a word. */
const LEAST = 0.1

const TOOK = {
  others: 'the machine gave the CPU to others',
  quota: 'a CPU quota (cgroup) took the CPU',
} as const

/** What of the recordings' time off the CPU the machine took, at most. */
interface MachineTime {
  readonly micros: Micros
  /** Of the time off the CPU. */
  readonly share: number
  readonly taker: keyof typeof TOOK
  /** Nothing that it took before they began is counted. */
  readonly isOfIt: boolean
}

function machineTime(sources: readonly DumpMeta[]): MachineTime {
  let micros = 0
  let throttled = 0
  let whole = 0
  for (const { ledger, machine } of sources) {
    whole += ledger.offcpu
    micros += Math.min(machine?.runQueueMicros ?? 0, ledger.offcpu)
    throttled += machine?.throttledMicros ?? 0
  }
  // Throttling is summed over all CPUs, so that it tells of the cause and not how long.
  const taker = throttled > 0 && throttled >= micros / 2 ? 'quota' : 'others'
  const isOfIt = sources.every(({ kept }) => kept !== 'slow' && kept !== 'status')
  return { micros, share: micros / (whole || 1), taker, isOfIt }
}

/** `, up to 60.0 ms of it …`, `; perhaps …`, '' */
function mayBe({ micros, share, taker }: MachineTime, offCpu: Micros): string {
  if (share < LEAST) return ''
  if (share >= NEARLY_ALL) return `; perhaps ${TOOK[taker]}`
  return `, up to ${duration(Math.min(micros, offCpu))} of it because ${TOOK[taker]}`
}

/** Off the CPU in a function of Node's or the engine's, which may have waited for something. */
function calledMicros({ tree, groups }: Facts): Micros {
  const { frames } = tree.profile
  return groups
    .filter(({ account, frame }) => account === 'offcpu' && isEngine(frameKind(frames[frame]!)))
    .reduce((sum, { micros }) => sum + micros, 0)
}

/** ` in execSync under render (src/pdf.js:7)`; '' where it was everywhere. */
function placeOf({ tree, totals, locate }: Facts, { frame, app, micros }: SelfGroup): string {
  const { frames } = tree.profile
  const kind = frameKind(frames[frame]!)
  if (micros < totals.offcpu / 2 || accountOfKind(kind) !== 'cpu') return ''
  const isOwn = app === null || app === frame
  const under = isOwn ? '' : ` under ${named(frames[app]!, locate)}`
  const name = isEngine(kind) ? printable(frames[frame]!.name) : named(frames[frame]!, locate)
  return partText(micros, exactly(totals.offcpu), `in ${name}${under}`)
}
