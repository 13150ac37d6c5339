import type { Profile } from '../../src/profile/profile.js'
import type { IndexEntry, Selection, ViewerIndex } from '../../src/viewer-api/wire.js'
import type { SelectionView } from './page-location.js'
import type { ChangeSettings } from './use-page-location.js'
import type { SettingsOf } from './view-settings.js'

/** What every view of a selection is given. */
export interface ViewProps<View extends SelectionView> {
  readonly index: ViewerIndex
  readonly selection: Selection
  /** The selection's entries of the index. */
  readonly entries: readonly IndexEntry[]
  /** The entries as one profile. */
  readonly whole: Profile
  /** The part of it in the range of time on show. */
  readonly profile: Profile
  readonly title: string
  readonly settings: SettingsOf<View>
  readonly change: ChangeSettings<View>
}
