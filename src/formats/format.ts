import type { Profile } from '../profile/profile.js'
import type { ByteSource } from './shared/byte-window.js'

/**
 * `maybe`: nothing in the bytes says so, but the name does, or the bytes are too general to tell.
 */
export type Detection = 'yes' | 'maybe' | 'no'

/** What a reader may leave out. */
export interface ReadWishes {
  /** The order in time is not needed: the samples of a stack may come added up. */
  readonly summed?: boolean
}

/** A file format that profiles are read from. */
export interface ReadableFormat {
  readonly name: string
  /** With the dot, longest first: a file of this name claims to be one. */
  readonly extensions: readonly string[]
  /** Those under which its files are found as well, beside anything else: `.json`. */
  readonly sharedExtensions: readonly string[]
  /**
   * Looks at the bytes first and at the name for a hint; text is UTF-8 without a byte order mark
   * (`toUtf8`), whatever the file was. "Not mine" is an answer, "mine but broken" an error of
   * `read`. Never throws.
   */
  detect(bytes: Uint8Array, fileName: string): Detection
  /** Throws `ProfviewError` with the place of the first fault. */
  read(bytes: Uint8Array, fileName: string, wishes: ReadWishes): Profile
  /** The same for a file that is never held as a whole: it may be larger than memory. */
  readSource?(source: ByteSource, fileName: string, wishes: ReadWishes): Profile
}

/** One that profiles are written in. */
export interface WritableFormat<Name extends string = string> {
  readonly name: Name
  /** As of those that are read; the first is the one to write. */
  readonly extensions: readonly string[]
  /** Uncompressed bytes; the same profile always gives the same bytes. */
  write(profile: Profile): Uint8Array
}

export type Format<Name extends string> = ReadableFormat & WritableFormat<Name>

/** Does the file name end like this format's files? Case does not matter. */
export function hasExtension(fileName: string, extensions: readonly string[]): boolean {
  const lower = fileName.toLowerCase()
  return extensions.some((extension) => lower.endsWith(extension))
}

/** The same for files that may be in gzip: `x.cpuprofile.gz`. */
export function hasExtensionOrPacked(fileName: string, extensions: readonly string[]): boolean {
  return [fileName, fileName.replace(/\.gz$/i, '')].some((name) => hasExtension(name, extensions))
}

/** The file's name without its folders: the name of a profile that has no better one. */
export function baseName(fileName: string): string {
  return fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1)
}
