import type { StackIndex } from '../../../src/profile/profile.js'
import type { Selection } from '../../../src/viewer-api/wire.js'
import { type Settings, writePlace } from '../place.js'

/** The address of a stack's place in the tree of callees, however it is folded there. */
export type LinkTo = (stack: StackIndex) => string

export function linksInto(selection: Selection, settings: Settings): LinkTo {
  const { invert, x, groups, ...kept } = settings
  const open = invert === 'on' ? {} : { x: x ?? '', groups: groups ?? '' }
  return (stack) =>
    writePlace({ view: 'tree', selection, settings: { ...kept, ...open, at: String(stack) } })
}
