import { statSync } from 'node:fs'
import type { Profile } from '../profile/profile.js'
import { countUpTo } from '../profile/sorted.js'
import type { Mapping, NamedPlace, SourceMap } from './map.js'
import { mapProfile } from './map-profile.js'
import { hashOf, isSourceName, pathOfFile, readSourceFile } from './source-file.js'
import { type DecodedMap, type MayRead, readSourceMap, type Segment } from './source-map-file.js'
import { pathBelow } from './source-root.js'
import { TextProof } from './text-proof.js'

/** When and from which texts a profile was recorded, as far as it is known. */
export interface RecordingFacts {
  /** The app's files and their hashes; null where the profile does not say. */
  readonly files: ReadonlyMap<string, string> | null
  /** Files that were written later are not what ran; ms since the epoch. */
  readonly atMs: number
}

/** `modifiedMs`: of the profile's file, where the profile does not say when it was recorded. */
export function recordingFactsOf({ sources }: Profile, modifiedMs: number): RecordingFacts {
  const times = sources.map(({ startedAt }) => Date.parse(startedAt))
  const known = times.filter((time) => !Number.isNaN(time))
  return {
    files: hashesOf(sources),
    atMs: known.reduce((first, time) => Math.min(first, time), known[0] ?? modifiedMs),
  }
}

/**
 * The source maps of this machine's files, each read when it is first needed and again when its
 * file has changed. Maps of packages are not looked for.
 *
 * A profile may come from anybody and name any file: only what is below one of the roots is looked
 * at, and so it is with the files that a map names.
 */
export class SourceMaps {
  readonly #known = new Map<string, Known>()
  readonly #mayRead: MayRead

  /** Real paths of directories; without them, any file of the disk. */
  constructor(roots?: readonly string[]) {
    this.#mayRead = (path) => !roots || roots.some((root) => pathBelow(root, path) !== '')
  }

  /** On the functions as they were written, as far as their maps are those of what ran. */
  apply(profile: Profile, { files }: Pick<RecordingFacts, 'files'>): Profile {
    const proof = new TextProof(profile)
    const mapFor = (file: string) => {
      const map = this.of(file, files)
      // Files that were written while the program ran have no hash, nor those beyond the first 200.
      if (map === null || map === 'changed' || files?.has(file)) return map
      const verdict = proof.of(file, map.lines)
      return verdict === 'same' ? map : verdict
    }
    return mapProfile(profile, mapFor, proof.absent)
  }

  /**
   * The map of a file that a recording names; `changed` if the recording says of another text;
   * null without a map. Where it says nothing of the file, whether the map is the right one is to
   * be proved. Never throws.
   */
  of(file: string, files: RecordingFacts['files']): SourceMap | 'changed' | null {
    const path = pathOfFile(file)
    if (!isSourceName(path) || /[\\/]node_modules[\\/]/.test(path)) return null
    if (!this.#mayRead(path)) return null
    const { map, hash } = this.#look(path)
    return map === null || (files?.get(file) ?? hash) === hash ? map : 'changed'
  }

  // --- internal ---

  #look(path: string): Known {
    const known = this.#known.get(path)
    const now = performance.now()
    if (known !== undefined && now - known.lookedAt < LOOK_EVERY_MS) return known
    const version = versionOf(path)
    if (known !== undefined && known.version === version) {
      known.lookedAt = now
      return known
    }
    const fresh = { version, lookedAt: now, ...readMapped(path, this.#mayRead) }
    this.#known.set(path, fresh)
    return fresh
  }
}

// --- internal ---

interface Known {
  readonly version: string
  readonly map: MappedFile | null
  readonly hash: string
  lookedAt: number
}

/** No text has it. */
const DIFFERENT = ''

/** Of all recordings that are in a profile; null where one does not say. */
function hashesOf(sources: Profile['sources']): RecordingFacts['files'] {
  const hashes = new Map<string, string>()
  for (const { files } of sources) {
    if (!files) return null
    for (const [file, hash] of Object.entries(files))
      hashes.set(file, (hashes.get(file) ?? hash) === hash ? hash : DIFFERENT)
  }
  return sources.length > 0 ? hashes : null
}

const LOOK_EVERY_MS = 1_000

function versionOf(path: string): string {
  try {
    const { size, mtimeMs, ino } = statSync(path)
    return `${size} ${mtimeMs} ${ino}`
  } catch {
    return ''
  }
}

function readMapped(path: string, mayRead: MayRead): Pick<Known, 'map' | 'hash'> {
  const source = readSourceFile(path)
  if (source === null || !mentionsMap(source.bytes)) return { map: null, hash: '' }
  const { bytes, mtimeMs } = source
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/)
  const decoded = readSourceMap(path, lines, mayRead)
  const map = decoded && new MappedFile(lines, decoded, mtimeMs, mayRead)
  return { map, hash: map ? hashOf(bytes) : '' }
}

/** Most texts have no map, and need not be taken apart. */
function mentionsMap(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('sourceMappingURL=')
}

class MappedFile implements SourceMap {
  readonly lines: readonly string[]
  readonly sources: readonly string[]
  readonly #map: DecodedMap
  readonly #compiledMs: number
  readonly #mayRead: MayRead
  readonly #texts = new Map<string, readonly string[]>()

  constructor(lines: readonly string[], map: DecodedMap, compiledMs: number, mayRead: MayRead) {
    this.#mayRead = mayRead
    this.lines = lines
    this.sources = map.sources
    this.#map = map
    this.#compiledMs = compiledMs
  }

  mappingAt(line: number, column: number): Mapping | null {
    const segments = this.#map.segments[line - 1] ?? []
    return this.#mapping(segments[countUpTo(segments, column - 1, startOf) - 1])
  }

  mappingFrom(line: number, column: number): Mapping | null {
    const segments = this.#map.segments[line - 1] ?? []
    return this.#mapping(segments[countUpTo(segments, column - 2, startOf)])
  }

  placesOf(isMeant: (name: string) => boolean): readonly NamedPlace[] {
    const { names, segments } = this.#map
    const meant = new Set(names.flatMap((name, i) => (isMeant(name) ? [i] : [])))
    const places: NamedPlace[] = []
    for (let line = 0; line < segments.length && meant.size > 0; line++) {
      for (const segment of segments[line]!) {
        if (segment[4] === undefined || !meant.delete(segment[4])) continue
        places.push({ name: names[segment[4]]!, line: line + 1, column: segment[0]! + 1 })
      }
    }
    return places
  }

  sourceLine(file: string, line: number): string {
    let text = this.#texts.get(file)
    if (text === undefined) {
      text = this.#read(file).split(/\r?\n/)
      this.#texts.set(file, text)
    }
    return text[line - 1] ?? ''
  }

  contentOf(file: string): string | null {
    return this.#map.contents[this.sources.indexOf(file)] ?? null
  }

  // --- internal ---

  /** A source that was written after it was compiled is another text. */
  #read(file: string): string {
    const brought = this.contentOf(file)
    if (brought !== null) return brought
    if (!this.#mayRead(file)) return ''
    const source = readSourceFile(file)
    if (source === null || source.mtimeMs > this.#compiledMs) return ''
    return new TextDecoder().decode(source.bytes)
  }

  #mapping(segment: Segment | undefined): Mapping | null {
    if (segment === undefined || segment.length < 4) return null
    const [generatedColumn, source, line, column, name] = segment as Required<Segment>
    const file = this.sources[source!] ?? ''
    if (file === '') return null
    return {
      file,
      line: line! + 1,
      column: column! + 1,
      name: name === undefined ? '' : (this.#map.names[name] ?? ''),
      generatedColumn: generatedColumn! + 1,
    }
  }
}

function startOf(segment: Segment): number {
  return segment[0]!
}
