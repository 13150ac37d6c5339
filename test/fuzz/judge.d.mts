import type { Profile } from '../../src/profile/profile.js'
import type { Mutant } from './mutants.mjs'

export interface House {
  readonly read: (bytes: Uint8Array, name: string) => Profile
  /** Null for what has to be held as a whole. */
  readonly readInPieces: (bytes: Uint8Array, name: string) => Profile | null
  readonly write: (profile: Profile) => Uint8Array
  readonly merge: (profiles: readonly Profile[]) => Profile
  readonly totalWeight: (profile: Profile) => number
}
export function judge(mutant: Mutant, house: House): string | null

/** The modules of the source that a house is of. */
export type Source = Pick<
  typeof import('../../src/formats/registry.js'),
  'decodeProfile' | 'decodeSource' | 'encodeProfile' | 'isGzip'
> &
  Pick<typeof import('../../src/store/gzip.js'), 'inflate'> &
  Pick<typeof import('../../src/profile/budget.js'), 'Budget' | 'memoryFor' | 'withBudget'> &
  Pick<typeof import('../../src/profile/calltree.js'), 'totalWeight'> &
  Pick<typeof import('../../src/transform/merge.js'), 'mergeProfiles'>
export function houseOf(source: Source): House
