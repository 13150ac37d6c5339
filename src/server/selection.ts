import { readFileSync } from 'node:fs'
import { ProfviewError } from '../errors.js'
import { encodeProfile, isGzip } from '../formats/registry.js'
import { Budget, memoryFor, withBudget } from '../profile/budget.js'
import { kindsOf } from '../profile/kinds.js'
import type { Profile } from '../profile/profile.js'
import { neverSummed } from '../render/kinds.js'
import { count } from '../render/measure.js'
import { type RecordingFacts, recordingFactsOf, SourceMaps } from '../sourcemap/source-maps.js'
import { ForeignFiles } from '../store/foreign-files.js'
import { addLabels } from '../transform/label-source.js'
import { mergeProfiles } from '../transform/merge.js'
import { withoutOrder } from '../transform/sum-by-stack.js'
import { fromQuery, type IndexEntry, select } from '../viewer-api/wire.js'
import { reasonOf, type ViewerSource } from './source.js'

/** A selection as one profile. */
export interface Selected {
  readonly profile: Profile
  /** It is a single file's, and says what the file says. */
  readonly isAsOnDisk: boolean
  /** What is known of each recording in it. */
  readonly recorded: readonly RecordingFacts[]
}

/**
 * Reads what a query selects as one profile: a single entry, or several merged, on the functions as
 * they were written unless the query has `maps=off`. A file that cannot be read is left out with a
 * warning in the merged profile. Throws `BAD_INPUT` where nothing is left, or the query names no
 * selection.
 */
export class SelectionReader {
  readonly maps: SourceMaps
  readonly #source: ViewerSource
  readonly #usesMaps: boolean
  /**
   * The page asks several times for each selection: for its tree, its flame graph and its texts.
   */
  #latest: { key: string; selected: Selected } | null = null

  /** `roots`: below which the files may be that the profiles name. */
  constructor(source: ViewerSource, usesMaps: boolean, roots: readonly string[]) {
    this.maps = new SourceMaps(roots)
    this.#source = source
    this.#usesMaps = usesMaps
  }

  read(query: URLSearchParams): Selected {
    return this.#read(this.#entries(query), this.#isMapped(query))
  }

  /** As a `.cpuprofile`. */
  bytes(query: URLSearchParams): Buffer {
    const entries = this.#entries(query)
    const isMapped = this.#isMapped(query)
    const own = this.#ownBytes(entries, isMapped)
    return own ?? Buffer.from(encodeProfile(this.#read(entries, isMapped).profile, 'cpuprofile'))
  }

  // --- internal ---

  #isMapped(query: URLSearchParams): boolean {
    return this.#usesMaps && query.get('maps') !== 'off'
  }

  #entries(query: URLSearchParams): readonly IndexEntry[] {
    const selection = fromQuery(query)
    if (!selection) throw new ProfviewError('BAD_INPUT', 'this address names no profiles')
    const entries = select(this.#source.scan().entries, selection)
    if (entries.length === 0) throw new ProfviewError('BAD_INPUT', 'these profiles are not there')
    return entries
  }

  /**
   * What V8 or we wrote is sent as it lies on disk, where nothing changes it: the page reads the
   * same format.
   */
  #ownBytes(entries: readonly IndexEntry[], isMapped: boolean): Buffer | null {
    const [entry] = entries
    if (entries.length !== 1 || !entry!.file.endsWith('.cpuprofile')) return null
    try {
      if (!this.#read(entries, isMapped).isAsOnDisk) return null
      const bytes = readFileSync(this.#source.pathOf(entry!.id))
      return isGzip(bytes) ? null : bytes
    } catch (error) {
      if (error instanceof ProfviewError) throw error
      throw new ProfviewError('IO', 'this profile is no longer there', { cause: error })
    }
  }

  #read(entries: readonly IndexEntry[], isMapped: boolean): Selected {
    const versions = entries.map(({ id, bytes, modifiedMs }) => `${id} ${bytes} ${modifiedMs}`)
    const key = `${isMapped}\n${versions.join('\n')}`
    if (this.#latest?.key !== key) {
      this.#latest = null
      this.#latest = { key, selected: this.#readAll(entries, isMapped) }
    }
    return this.#latest.selected
  }

  #readAll(entries: readonly IndexEntry[], isMapped: boolean): Selected {
    const recorded: RecordingFacts[] = []
    const readOne = (entry: IndexEntry) => {
      const profile = this.#source.read(entry.id)
      const facts = recordingFactsOf(profile, entry.modifiedMs || Date.now())
      recorded.push(facts)
      return isMapped ? this.maps.apply(profile, facts) : profile
    }
    if (entries.length === 1) {
      const profile = readOne(entries[0]!)
      const shown = withinLimit(profile)
      const isAsOnDisk = shown === profile && !profile.frames.some(({ generated }) => generated)
      return { profile: shown, isAsOnDisk, recorded }
    }
    const warnings: string[] = []
    const profiles = this.#readEach(entries, readOne, warnings)
    if (profiles.length === 0)
      throw new ProfviewError('BAD_INPUT', warnings[0] ?? 'nothing to show')
    const kinds = kindsOf(profiles.flatMap(({ sources }) => sources))
    if (kinds.length > 1) throw new ProfviewError('BAD_INPUT', neverSummed(kinds))
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    const budget = new Budget(memoryFor(bytes), bytes)
    const merged = withBudget(budget, () => mergeProfiles(profiles))
    const profile = { ...merged, warnings: [...merged.warnings, ...warnings] }
    return { profile, isAsOnDisk: false, recorded }
  }

  /** What can be read; of profiles of other tools each is there once, and says its file. */
  #readEach(
    entries: readonly IndexEntry[],
    readOne: (entry: IndexEntry) => Profile,
    warnings: string[],
  ): Profile[] {
    const names = new Map(entries.map(({ id, file }) => [this.#source.pathOf(id), file]))
    const foreign = new ForeignFiles(
      [...names.keys()],
      (text) => void warnings.push(text),
      (path) => names.get(path)!,
    )
    const profiles: Profile[] = []
    for (const entry of entries) {
      try {
        const profile = readOne(entry)
        const path = this.#source.pathOf(entry.id)
        if (!foreign.isCopy(profile, path))
          profiles.push(addLabels(profile, foreign.labelsOf(profile, path)))
      } catch (error) {
        warnings.push(`${entry.file}: ${reasonOf(error)}`)
      }
    }
    return profiles
  }
}

/** What the page can hold: of a profile with more samples than `most`, the sums. */
export function withinLimit(profile: Profile, most = MAX_SAMPLES): Profile {
  const { length } = profile.samples.stack
  if (length <= most) return profile
  const fact = `${count(length)} samples are too many for the page: it shows their sums, without their order in time`
  return { ...withoutOrder(profile), warnings: [...profile.warnings, fact] }
}

// --- internal ---

/** A browser needs some 30 bytes for each, and more while it reads. */
const MAX_SAMPLES = 10_000_000
