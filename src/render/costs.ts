import { type CostToOthers, costsToOthers, type Victim } from '../analysis/cost-to-others.js'
import { printable } from '../printable.js'
import { totalWeight } from '../profile/calltree.js'
import type { Profile } from '../profile/profile.js'
import { boundsOf, boundsText } from './bounds.js'
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
  { head: 'cost to others', text: culpritOf, shortest: 16 },
  { head: 'waiting', text: timeOf, right: true },
  { head: 'requests held up', text: ({ requests }) => count(requests), right: true, dropped: 2 },
  { head: 'own cpu', text: ownCpu, right: true, dropped: 1 },
  { head: 'most of it', text: worst, shortest: 30, dropped: 3 },
]

// --- internal ---

const LEAST = 0.01
const MOST = 5

function culpritOf({ culprit, isForeign }: CostToOthers): string {
  return printable(culprit) + (isForeign ? ', foreign time (version 1)' : '')
}

function timeOf({ micros, upToMicros }: Victim | CostToOthers): string {
  return boundsText(boundsOf(micros, upToMicros))
}

function ownCpu({ ownCpuMicros }: CostToOthers): string {
  return ownCpuMicros === null ? '-' : duration(ownCpuMicros)
}

function worst({ victims: [first] }: CostToOthers): string {
  if (!first || first.route === '') return ''
  return `${timeOf(first)} of ${printable(first.route)}`
}
