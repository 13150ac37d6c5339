import { FILE_LABEL, REQUEST_LABEL } from '../profile/labels.js'
import type { Profile } from '../profile/profile.js'
import { addLabelsBy } from '../transform/label-source.js'
import { mergeProfiles } from '../transform/merge.js'
import { sampleCount } from './sampling.js'

/** One side of a comparison: everything that was measured there as one profile. */
export interface Side {
  readonly profile: Profile
  /** Recordings in it; of a profile that is no dump each file of which it was merged. */
  readonly requests: number
  /** Samples on which its CPU time rests; null where that is not known. */
  readonly samples: number | null
}

/** Reads each profile once, one after the other. A dump that comes twice counts once. */
export function mergeSide(profiles: Profile | Iterable<Profile>): Side {
  let foreign = 0
  let foreignSamples: number | null = 0
  function* each(): Generator<Profile> {
    for (const profile of Symbol.iterator in profiles ? profiles : [profiles]) {
      if (profile.sources.length > 0) {
        yield profile
        continue
      }
      const samples = sampleCount(profile)
      foreignSamples = foreignSamples === null || samples === null ? null : foreignSamples + samples
      // So that the spread between foreign profiles can be seen.
      const name = `profile ${foreign}`
      const files = new Set(profile.labelSets.flatMap((labels) => labels.get(FILE_LABEL) ?? []))
      foreign += Math.max(1, files.size)
      yield addLabelsBy(
        profile,
        (labels) => new Map([[REQUEST_LABEL, `${name} ${labels.get(FILE_LABEL) ?? ''}`]]),
      )
    }
  }
  const profile = mergeProfiles(each())
  const own = profile.sources.length === 0 ? 0 : sampleCount(profile)!
  return {
    profile,
    requests: profile.sources.length + foreign,
    samples: foreignSamples === null ? null : foreignSamples + own,
  }
}
