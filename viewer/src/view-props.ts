import type { Profile } from '../../src/profile/profile.js'
import type { IndexEntry, Selection, ViewerIndex } from '../../src/viewer-api/wire.js'
import type { Settings } from './place.js'
import type { ChangeSettings } from './use-place.js'

/** What every view of a selection is given. */
export interface ViewProps {
  readonly index: ViewerIndex
  readonly selection: Selection
  /** The selection's entries of the index. */
  readonly entries: readonly IndexEntry[]
  /** The entries as one profile. */
  readonly whole: Profile
  /** The part of it in the range of time on show. */
  readonly profile: Profile
  readonly title: string
  readonly settings: Settings
  readonly change: ChangeSettings
}
