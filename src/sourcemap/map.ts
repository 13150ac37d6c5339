/** What is known of a compiled file, for those who look for the original of a function. */

/** Both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Where a piece of compiled code comes from. */
export interface Mapping extends Position {
  /** The original file. */
  readonly file: string
  /** The original name of what stands there, '' where the map does not say. */
  readonly name: string
  /** Where the piece begins, on its line of the compiled file. */
  readonly generatedColumn: number
}

/** A place of the compiled text whose original has a name. */
export interface NamedPlace extends Position {
  readonly name: string
}

/** A compiled file with its map. */
export interface SourceMap {
  /** The compiled text. */
  readonly lines: readonly string[]
  /** The original files. */
  readonly sources: readonly string[]
  /** The last mapping of the line that begins at the column or before it. */
  mappingAt(line: number, column: number): Mapping | null
  /** The first mapping of the line that begins at the column or after it. */
  mappingFrom(line: number, column: number): Mapping | null
  /** For each name in the map that is meant, the first place that has it. */
  placesOf(isMeant: (name: string) => boolean): readonly NamedPlace[]
  /** A line of an original file, '' where its text is not known. */
  sourceLine(file: string, line: number): string
  /** The text of an original file that came with the map, null where none did. */
  contentOf(file: string): string | null
}
