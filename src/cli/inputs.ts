import { statSync } from 'node:fs'
import { ProfviewError } from '../errors.js'
import { routeOf, workerOf } from '../profile/labels.js'
import { printable } from '../profile/printable.js'
import type { Profile } from '../profile/profile.js'
import { count, counted, percent } from '../render/measure.js'
import { mapProfile } from '../sourcemap/map-profile.js'
import { recordingFactsOf, SourceMaps } from '../sourcemap/source-maps.js'
import { readProfileFile } from '../store/profile-file.js'
import { listProfiles } from '../store/profile-list.js'
import { filterRecordings, isMeant, type RecordingFilter } from '../transform/filter.js'
import { mergeProfiles } from '../transform/merge.js'
import type { Session } from './session.js'

export interface InputOptions extends RecordingFilter {
  /** The first bad input ends it all. */
  readonly strict?: boolean
  /** Show functions as they were written, where they were compiled with a source map. */
  readonly sourceMaps?: boolean
}

/**
 * All inputs as one profile: files, the dumps of directories, the standard input. Bad ones are
 * reported and left out, or thrown with `strict`. Null where nothing is left, which has been
 * reported then.
 */
export function readInputs(
  paths: readonly string[],
  options: InputOptions,
  session: Session,
): { profile: Profile; inputs: number } | null {
  const read = combineInputs(paths, options, session, mergeProfiles)
  return read && { profile: read.result, inputs: read.inputs }
}

/** The same for another way of making one thing of all inputs, which are handed over one by one. */
export function combineInputs<Result>(
  paths: readonly string[],
  options: InputOptions,
  session: Session,
  combine: (profiles: Iterable<Profile>) => Result,
): { result: Result; inputs: number } | null {
  const reader = new InputReader(options, session)
  const result = combine(reader.read(paths))
  session.progressDone()
  if (reader.accepted > 0) return { result, inputs: reader.accepted }
  if (reader.readable > 0) session.problem(nothingMatches(options, reader))
  return null
}

/**
 * The paths that can be opened; bad ones are reported and left out. A single file is read as a
 * proof, because there is no use in a viewer that shows nothing. Throws with `strict`.
 */
export function requireReadable(
  paths: readonly string[],
  options: InputOptions,
  session: Session,
): string[] {
  const reader = new InputReader(options, session)
  return paths.filter((path) => reader.canRead(path))
}

// --- internal ---

interface Input {
  readonly file: string
  /** Null unless its name, which other files have as well, is all that took it for a profile. */
  readonly guess: Guess | null
}

interface Guess {
  readonly dir: string
  /** There are files in the directory whose names leave no doubt. */
  readonly isBesideSure: boolean
}

class InputReader {
  accepted = 0
  /** Read, whether or not the filter let them pass. */
  readable = 0
  readonly routes = new Set<string>()
  readonly workers = new Set<string>()
  readonly #options: InputOptions
  readonly #session: Session
  readonly #maps = new SourceMaps()
  /** Directories that may turn out to hold no profile. */
  readonly #doubtful = new Set<string>()
  #unit = ''

  constructor(options: InputOptions, session: Session) {
    this.#options = options
    this.#session = session
  }

  /** One after the other, so that only the merged profile is ever held as a whole. */
  *read(paths: readonly string[]): Generator<Profile> {
    const files: Input[] = []
    for (const path of paths) this.#attempt(() => this.#expand(path, files))
    for (let i = 0; i < files.length; i++) {
      const onProgress = (share: number) =>
        this.#session.progress(() => progressText(files, i, share))
      onProgress(0)
      const profile = this.#attempt(() => this.#readOne(files[i]!, onProgress))
      if (!profile) continue
      this.accepted++
      yield profile
    }
    for (const dir of this.#doubtful) this.#attempt(() => failEmpty(dir))
  }

  canRead(path: string): boolean {
    return (
      this.#attempt(() => {
        const files: Input[] = []
        this.#expand(path, files)
        // Of a directory the heads have been read; new dumps may appear in it at any time. Where
        // names are all there is, one file has to be a profile; the page tells of the others.
        if (files[0]?.file === path) readProfileFile(path)
        const guess = { dir: path, isBesideSure: true }
        const isProfile = ({ file }: Input) => this.#readFile({ file, guess }, () => {}) !== null
        if (this.#doubtful.has(path) && !files.some(isProfile)) failEmpty(path)
        return true
      }) === true
    )
  }

  #readOne(input: Input, onProgress: (share: number) => void): Profile | null {
    const { file } = input
    const profile = this.#readFile(input, onProgress)
    if (profile === null) return null
    this.readable++
    if (this.#unit === '') this.#unit = profile.unit
    if (profile.unit !== this.#unit) {
      if (input.guess?.isBesideSure) return null
      const fact = `counts ${profile.unit}, the files before it ${this.#unit}; they cannot be merged`
      throw new ProfviewError('MIXED_UNITS', `${printable(file)}: ${fact}`, { path: file })
    }
    if (!isFiltering(this.#options)) return this.#mapped(profile, file)
    this.#remember(profile)
    const filtered = filterRecordings(profile, this.#options).profile
    return filtered.samples.stack.length > 0 ? this.#mapped(filtered, file) : null
  }

  /**
   * Null for what only its name took for a profile: no reader knows it, or nothing is in it. Beside
   * files whose names leave no doubt, nothing that is wrong with it is of interest either.
   */
  #readFile({ file, guess }: Input, onProgress: (share: number) => void): Profile | null {
    if (guess === null) return readProfileFile(file, {}, onProgress)
    try {
      const profile = readProfileFile(file, {}, onProgress)
      if (profile.samples.stack.length === 0) return null
      this.#doubtful.delete(guess.dir)
      return profile
    } catch (error) {
      const isOurs = error instanceof ProfviewError
      if (isOurs && (guess.isBesideSure || error.code === 'UNKNOWN_FORMAT')) return null
      this.#doubtful.delete(guess.dir)
      throw error
    }
  }

  #mapped(profile: Profile, file: string): Profile {
    if (!this.#options.sourceMaps) return profile
    const recorded = recordingFactsOf(profile, file === '-' ? Date.now() : statSync(file).mtimeMs)
    return mapProfile(profile, (name) => this.#maps.of(name, recorded))
  }

  #expand(path: string, files: Input[]): void {
    if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      files.push({ file: path, guess: null })
      return
    }
    const bad: string[] = []
    const { dumps, foreign } = listProfiles(path, (file, reason) => {
      bad.push(`${printable(file)}: ${reason}`)
    })
    for (const text of bad) this.#attempt(() => fail(text))
    this.readable += dumps.length
    for (const { file, meta } of dumps) {
      this.routes.add(routeOf(meta))
      this.workers.add(workerOf(meta))
      if (isMeant(meta, this.#options)) files.push({ file, guess: null })
    }
    if (dumps.length > 0) return
    const sure = foreign.filter(({ isGuess }) => !isGuess)
    const guess = { dir: path, isBesideSure: sure.length > 0 }
    // The sure ones first: they say what is counted.
    for (const { file } of sure) files.push({ file, guess: null })
    for (const { file, isGuess } of foreign) if (isGuess) files.push({ file, guess })
    if (bad.length > 0 || sure.length > 0) return
    if (foreign.length === 0) failEmpty(path)
    this.#doubtful.add(path)
  }

  #remember({ labelSets, sources }: Profile): void {
    for (const source of sources) {
      this.routes.add(routeOf(source))
      this.workers.add(workerOf(source))
    }
    for (const labels of labelSets) {
      if (labels.has('route')) this.routes.add(labels.get('route')!)
      if (labels.has('worker')) this.workers.add(labels.get('worker')!)
    }
  }

  #attempt<Value>(work: () => Value): Value | null {
    try {
      return work()
    } catch (error) {
      if (this.#options.strict || !(error instanceof ProfviewError)) throw error
      this.#session.problem(error)
      return null
    }
  }
}

/** `reading 3 of 1,000 files`, `reading large.cpuprofile: 43 %` */
function progressText(files: readonly Input[], i: number, share: number): string {
  const many = `reading ${count(i + 1)} of ${counted(files.length, 'file')}`
  const text = files.length > 1 ? many : `reading ${printable(files[i]!.file)}`
  return share > 0 ? `${text}: ${percent(share)}` : text
}

function isFiltering({ route, worker }: InputOptions): boolean {
  return route !== undefined || worker !== undefined
}

function nothingMatches(options: InputOptions, { routes, workers }: InputReader): ProfviewError {
  const byRoute = options.route !== undefined
  const flag = byRoute ? `--route '${options.route}'` : `--worker '${options.worker}'`
  const known = [...(byRoute ? routes : workers)].filter((name) => name !== '').sort()
  const there = known.length === 0 ? '' : `; there are: ${known.slice(0, 10).join(', ')}`
  const more = known.length > 10 ? ', ...' : ''
  return new ProfviewError('BAD_INPUT', printable(`nothing matches ${flag}${there}${more}`))
}

function failEmpty(dir: string): never {
  fail(`${printable(dir)}: no profiles in this directory`)
}

function fail(text: string): never {
  throw new ProfviewError('BAD_INPUT', text)
}
