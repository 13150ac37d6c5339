import { ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import { currentBudget, memoryFor } from '../profile/budget.js'
import { KINDS, type Kind, kindsOf } from '../profile/kinds.js'
import { PART_LABELS, routeOf, workerOf } from '../profile/labels.js'
import type { DumpMeta, Profile } from '../profile/profile.js'
import { countedKinds, manyOf, neverSummed } from '../render/kinds.js'
import { count, counted, percent } from '../render/measure.js'
import { recordingFactsOf, SourceMaps } from '../sourcemap/source-maps.js'
import { sourceRootOf } from '../sourcemap/source-root.js'
import type { KnownDumps } from '../store/dump-list.js'
import { ForeignFiles } from '../store/foreign-files.js'
import { isDirectory, statOf } from '../store/path-stat.js'
import { readProfileFile } from '../store/profile-file.js'
import { filterRecordings, type RecordingFilter } from '../transform/filter.js'
import { addLabels } from '../transform/label-source.js'
import { type Input, inputsOfDirectory } from './directory-inputs.js'
import { dumpPath } from './dump-paths.js'
import { onceEach } from './input-files.js'
import { type KindChoice, kindFlags } from './kind-option.js'
import type { Session } from './session.js'

export interface InputOptions extends Omit<RecordingFilter, 'kind'> {
  /** Without it a directory means its requests, and a file whatever it is. */
  readonly kind?: KindChoice
  /** The first bad input ends it all. */
  readonly strict?: boolean
  /** Bytes that may be taken for all of them; default: what is allowed for their size. */
  readonly maxMemory?: number
  /** For who reads the same directories again. */
  readonly known?: KnownDumps
  /** Nobody asks for the order in time. */
  readonly summed?: boolean
  /** What is being written: none of the inputs. */
  readonly output?: string
  /** Show functions as they were written, where they were compiled with a source map. */
  readonly sourceMaps?: boolean
}

/**
 * Reads files, the dumps of directories and the standard input one after the other. Bad ones are
 * reported and left out, or thrown with `strict`.
 */
export class InputReader {
  accepted = 0
  /** Read, whether or not the filter let them pass. */
  readable = 0
  readonly routes = new Set<string>()
  readonly workers = new Set<string>()
  readonly kinds = new Set<string>()
  readonly #options: InputOptions
  readonly #filter: RecordingFilter
  readonly #session: Session
  readonly #keepsApart: boolean
  /** Made when the inputs are known. */
  #maps = new SourceMaps([])
  #foreign = new ForeignFiles([], () => {})
  /** Directories that may turn out to hold no profile. */
  readonly #doubtful = new Set<string>()
  readonly #summed = new Set<Kind>()
  #unit = ''

  constructor(options: InputOptions, session: Session, keepsApart: boolean) {
    const { kind, route, worker } = options
    this.#options = options
    this.#filter = {
      ...(route === undefined ? {} : { route }),
      ...(worker === undefined ? {} : { worker }),
      ...(kind === undefined || kind === 'all' ? {} : { kind }),
    }
    this.#session = session
    this.#keepsApart = keepsApart
  }

  /** One after the other, so that only the merged profile is ever held as a whole. */
  *read(paths: readonly string[]): Generator<Profile> {
    const given = [this.#session.io.cwd, ...paths.filter(isDirectory)]
    this.#maps = new SourceMaps(given.map(sourceRootOf))
    const all: Input[] = []
    for (const path of paths) this.#attempt(() => this.#expand(this.#pathOf(path), all))
    const note = (text: string) => this.#session.note(text)
    const files = onceEach(all, this.#options.output ?? null, note)
    const merged = this.#keepsApart ? [] : files.map(({ file }) => file)
    this.#foreign = new ForeignFiles(merged, note)
    if (this.#options.maxMemory === undefined) currentBudget()?.raise(memoryFor(sizeOf(files)))
    for (let i = 0; i < files.length; i++) {
      const onProgress = (share: number) =>
        this.#session.progress(() => progressText(files, i, share))
      onProgress(0)
      const profile = this.#attempt(() => this.#readOne(files[i]!, onProgress))
      if (!profile) continue
      if (!this.#keepsApart) this.#requireOneKind(profile, files[i]!.file)
      this.accepted++
      yield profile
    }
    for (const dir of this.#doubtful) this.#attempt(() => failEmpty(dir))
  }

  /** The path of what can be opened, null for what cannot. */
  openable(given: string): string | null {
    return this.#attempt(() => {
      const path = this.#pathOf(given)
      const files: Input[] = []
      this.#expand(path, files)
      // Of a directory the heads have been read; new dumps may appear in it at any time. Where
      // names are all there is, one file has to be a profile; the page tells of the others.
      if (files[0]?.file === path) this.#readFile(files[0], () => {})
      const guess = { dir: path, isBesideSure: true }
      const isProfile = ({ file }: Input) => this.#readFile({ file, guess }, () => {}) !== null
      if (this.#doubtful.has(path) && !files.some(isProfile)) failEmpty(path)
      return path
    })
  }

  #readOne(input: Input, onProgress: (share: number) => void): Profile | null {
    const { file } = input
    const read = this.#readFile(input, onProgress)
    if (read === null || this.#foreign.isCopy(read, file)) return null
    const profile = addLabels(read, this.#foreign.labelsOf(read, file))
    this.readable++
    if (this.#unit === '') this.#unit = profile.unit
    if (profile.unit !== this.#unit) {
      if (input.guess?.isBesideSure) return null
      const fact = `counts ${profile.unit}, the files before it ${this.#unit}; they cannot be merged`
      throw new ProfviewError('MIXED_UNITS', `${printable(file)}: ${fact}`, { path: file })
    }
    if (Object.keys(this.#filter).length === 0) return this.#mapped(profile, file)
    this.#remember(profile)
    const filtered = filterRecordings(profile, this.#filter).profile
    return filtered.samples.stack.length > 0 ? this.#mapped(filtered, file) : null
  }

  /**
   * Null for what only its name took for a profile: no reader knows it, or nothing is in it. Beside
   * files whose names leave no doubt, nothing that is wrong with it is of interest either.
   */
  #readFile({ file, guess }: Input, onProgress: (share: number) => void): Profile | null {
    // Of sums nobody knows any more which recording they are of.
    const summed = this.#options.summed === true && Object.keys(this.#filter).length === 0
    const { maxMemory } = this.#options
    const wishes = { summed, ...(maxMemory === undefined ? {} : { memory: maxMemory }) }
    if (guess === null) return readProfileFile(file, wishes, onProgress)
    try {
      const profile = readProfileFile(file, wishes, onProgress)
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
    const recorded = recordingFactsOf(profile, statOf(file)?.mtimeMs ?? Date.now())
    return this.#maps.apply(profile, recorded)
  }

  #pathOf(given: string): string {
    return dumpPath(given, this.#session.io)
  }

  #expand(path: string, files: Input[]): void {
    if (path === '-' || !isDirectory(path)) {
      files.push({ file: path, guess: null })
      return
    }
    const { kind = 'request', known } = this.#options
    const found = inputsOfDirectory(path, kind, this.#filter, known)
    for (const text of found.bad) this.#attempt(() => fail(text))
    if (found.ofKind.length === 0 && found.ofOtherKinds.length > 0 && kind !== 'all') {
      const flags = kindFlags(kindsOf(found.ofOtherKinds))
      const fact = `no ${manyOf(kind)} in this directory, but ${countedKinds(found.ofOtherKinds)}`
      fail(`${printable(path)}: ${fact}: ${flags}`)
    }
    this.#noteLeftOut(path, found.ofOtherKinds)
    this.readable += found.ofKind.length
    for (const meta of found.ofKind) this.#rememberSource(meta)
    files.push(...found.files)
    if (found.isDoubtful && found.files.length === 0) failEmpty(path)
    if (found.isDoubtful) this.#doubtful.add(path)
  }

  /** Whoever asks for a kind or a route has said what is meant. */
  #noteLeftOut(dir: string, leftOut: readonly DumpMeta[]): void {
    const { kind, route } = this.#options
    if (leftOut.length === 0 || kind !== undefined || route !== undefined) return
    const fact = `${countedKinds(leftOut)} left out: ${kindFlags(kindsOf(leftOut))}`
    this.#session.note(`${printable(dir)}: ${fact}`)
  }

  #requireOneKind({ sources }: Profile, file: string): void {
    for (const kind of kindsOf(sources)) this.#summed.add(kind)
    const kinds = KINDS.filter((kind) => this.#summed.has(kind))
    if (kinds.length < 2) return
    const fact = `${neverSummed(kinds)}: choose with ${kindFlags(kinds)}`
    fail(`${printable(file)}: ${fact}`)
  }

  #remember({ labelSets, sources }: Profile): void {
    for (const source of sources) this.#rememberSource(source)
    for (const labels of labelSets) {
      if (labels.has('route')) this.routes.add(labels.get('route')!)
      for (const name of PART_LABELS) this.workers.add(labels.get(name) ?? '')
    }
  }

  #rememberSource(source: DumpMeta): void {
    this.routes.add(routeOf(source))
    this.workers.add(workerOf(source))
    this.kinds.add(source.kind)
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

// --- internal ---

function sizeOf(files: readonly Input[]): number {
  return files.reduce((sum, { file }) => {
    return sum + (statOf(file)?.size ?? 0)
  }, 0)
}

/** `reading 3 of 1,000 files`, `reading large.cpuprofile: 43 %` */
function progressText(files: readonly Input[], i: number, share: number): string {
  const many = `reading ${count(i + 1)} of ${counted(files.length, 'file')}`
  const text = files.length > 1 ? many : `reading ${printable(files[i]!.file)}`
  return share > 0 ? `${text}: ${percent(share)}` : text
}

function failEmpty(dir: string): never {
  fail(`${printable(dir)}: no profiles in this directory`)
}

function fail(text: string): never {
  throw new ProfviewError('BAD_INPUT', text)
}
