import type { StackIndex } from '../../../src/profile/profile.js'
import type { Selection } from '../../../src/viewer-api/wire.js'
import { writeLocation } from '../page-location.js'
import type { SettingsOf } from '../view-settings.js'

/** The address of a stack's place in the tree of callees, however it is folded there. */
export type LinkTo = (stack: StackIndex) => string

export function linksInto(selection: Selection, settings: SettingsOf<'tree'>): LinkTo {
  const { invert, overrides, groups, ...kept } = settings
  const open = invert ? {} : { overrides, groups }
  return (stack) =>
    writeLocation({ view: 'tree', selection, settings: { ...kept, ...open, at: stack } })
}
