import type { Profile } from '../profile/profile.js'

/**
 * `maybe`: nothing in the bytes says so, but the name does, or the bytes are too general to tell.
 */
export type Detection = 'yes' | 'maybe' | 'no'

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
  read(bytes: Uint8Array, fileName: string): Profile
  /**
   * The same for a file too large to be held as a whole, of so many bytes; each piece is
   * overwritten by the next one. Null, or what `read` throws, for a file that has to be read as a
   * whole, also to say what is wrong with it.
   */
  readPieces?(pieces: Iterable<Uint8Array>, size: number, fileName: string): Profile | null
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

/** The file's name without its folders: the name of a profile that has no better one. */
export function baseName(fileName: string): string {
  return fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1)
}
