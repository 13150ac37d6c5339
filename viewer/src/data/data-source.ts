import type { Profile } from '../../../src/profile/profile.js'
import type {
  Selection,
  SourceAnswer,
  SourcePlace,
  ViewerIndex,
} from '../../../src/viewer-api/wire.js'

/** Where the page's profiles come from. */
export interface DataSource {
  /** The page is one file: nothing can be loaded besides what is in it. */
  readonly embedded: boolean
  /** Tells of the index, and of every change to it, until aborted. */
  follow(signal: AbortSignal, onChange: (change: IndexChange) => void): Promise<void>
  /** The profiles of a selection as one. Rejects with one line for people. */
  load(selection: Selection, signal: AbortSignal, options?: LoadOptions): Promise<Profile>
  /** The text around a function of a selection. Rejects with one line for people. */
  text(
    selection: Selection,
    place: Pick<SourcePlace, 'file' | 'line'>,
    signal: AbortSignal,
  ): Promise<SourceAnswer>
}

export interface LoadOptions {
  /** What the profile is called where it does not say itself. */
  readonly name?: string
  /** Hears which share of the bytes has arrived, for as long as they come. */
  readonly onProgress?: (share: number) => void
}

/** `error`: why the index is not, or no longer, fresh; '' if it is. */
export interface IndexChange {
  readonly index?: ViewerIndex
  readonly error: string
}
