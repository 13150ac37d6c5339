import { type CostToOthers, costsToOthers } from '../analysis/cost-to-others.js'
import { totalWeight } from '../profile/calltree.js'
import { printable } from '../profile/printable.js'
import type { Profile } from '../profile/profile.js'
import { count, duration } from './measure.js'
import type { Column } from './table.js'

/** Who cost the others of a merged profile a hundredth of all time or more, worst first. */
export function costRows(profile: Profile): CostToOthers[] {
  if (profile.sources.length < 2) return []
  const least = totalWeight(profile) * LEAST
  return costsToOthers(profile)
    .filter(({ micros }) => micros >= least)
    .slice(0, MOST)
}

export const COST_COLUMNS: readonly Column<CostToOthers>[] = [
  { head: 'cost to others', text: ({ culprit }) => printable(culprit), shortest: 16 },
  { head: 'waiting', text: ({ micros }) => duration(micros), right: true },
  { head: 'requests held up', text: ({ requests }) => count(requests), right: true, dropped: 2 },
  { head: 'own cpu', text: ownCpu, right: true, dropped: 1 },
  { head: 'most of it', text: worst, shortest: 16 },
]

// --- internal ---

const LEAST = 0.01
const MOST = 5

function ownCpu({ ownCpuMicros }: CostToOthers): string {
  return ownCpuMicros === null ? '-' : duration(ownCpuMicros)
}

function worst({ victims: [first] }: CostToOthers): string {
  if (!first || first.route === '') return ''
  return `${duration(first.micros)} of ${printable(first.route)}`
}
