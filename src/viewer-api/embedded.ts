/**
 * The data inside a page that is one file: inert script elements whose text is base64 of gzip, so
 * that nothing in it can be markup. One holds the index (JSON, an array of `IndexEntry`), one each
 * profile (`.cpuprofile`).
 */
export const EMBEDDED_TYPE = 'application/gzip;base64'

/** The id of the element with the index. */
export const EMBEDDED_INDEX = 'profview-index'

/** The id of the element with the profile of an entry. */
export function embeddedId(entryId: string): string {
  return `profview-profile-${entryId}`
}
