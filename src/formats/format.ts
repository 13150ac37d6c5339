import type { Profile } from '../profile/profile.js'

export type FormatName = 'cpuprofile' | 'pprof' | 'speedscope' | 'collapsed' | 'firefox'

/**
 * `maybe`: nothing in the bytes says so, but the name does, or the bytes are too general to tell.
 */
export type Detection = 'yes' | 'maybe' | 'no'

/** A file format that profiles are written in. */
export interface WritableFormat {
  readonly name: FormatName
  /** With the dot, longest first; the first is the one to write. */
  readonly extensions: readonly string[]
  /** Uncompressed bytes; the same profile always gives the same bytes. */
  write(profile: Profile): Uint8Array
}

/**
 * One that is read too. Text formats are handed UTF-8 without a byte order mark (`toUtf8`),
 * whatever the file was. "Not mine" is an answer of `detect`, "mine but broken" an error of `read`.
 */
export interface Format extends WritableFormat {
  /** Looks at the bytes first and at the name for a hint. Never throws. */
  detect(bytes: Uint8Array, fileName: string): Detection
  /** Throws `ProfviewError` with the place of the first fault. */
  read(bytes: Uint8Array, fileName: string): Profile
}

/** Does the file name end like this format's files? Case does not matter. */
export function hasExtension(fileName: string, extensions: readonly string[]): boolean {
  const lower = fileName.toLowerCase()
  return extensions.some((extension) => lower.endsWith(extension))
}

/** The file's name without its folders: the name of a profile that has no better one. */
export function baseName(fileName: string): string {
  return fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1)
}
