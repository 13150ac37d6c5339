import {
  buildFunctionTable,
  byOwnTime,
  type FunctionTable,
  functionsWithTime,
} from '../../../src/analysis/functions.js'
import { entryNoun } from '../../../src/analysis/sampling.js'
import { totalWeight } from '../../../src/profile/calltree.js'
import { type FrameKind, frameKind, ownerOf } from '../../../src/profile/frames.js'
import type { Frame, FrameIndex, Profile } from '../../../src/profile/profile.js'
import { isBlocked, waitsOf } from '../../../src/profile/stack-waits.js'
import { type Locate, locatorFor } from '../../../src/render/paths.js'
import { toolOwners } from '../../../src/transform/tool-owners.js'

export interface FunctionsModel {
  readonly profile: Profile
  readonly table: FunctionTable
  /** All time there is. */
  readonly whole: number
  /** The functions that have time. */
  readonly present: readonly FrameIndex[]
  /** Was code of others in the way? */
  readonly hasInTheWay: boolean
  /** The frames that name whose code that was. */
  readonly culprits: ReadonlySet<FrameIndex>
  /** In the profile of a tool, whose functions are shown with the app's. */
  readonly owners: ReadonlySet<string>
  /** What is counted beside the times. */
  readonly entries: string
  readonly locationOf: Locate
}

export function buildFunctionsModel(profile: Profile): FunctionsModel {
  const table = buildFunctionTable(profile)
  const present = functionsWithTime(profile, table)
  const whole = totalWeight(profile)
  const entries = entryNoun(profile) === 'samples' ? 'Samples' : 'Pieces'
  const hasInTheWay = table.inTheWay.some((time) => time !== 0)
  const locationOf = locatorFor(profile)
  const culprits = culpritFrames(profile)
  const owners = toolOwners(profile)
  return { profile, table, whole, present, hasInTheWay, culprits, owners, entries, locationOf }
}

export interface Shown {
  /** Library and engine functions, too. */
  readonly all: boolean
  /** Each of its words is in the name or place. */
  readonly filter: string
  /** A column; with a leading `-` largest first. */
  readonly sort: string
}

/** The rows, in their order. Ties: most time of their own first, then as in `flat`. */
export function shownFunctions(model: FunctionsModel, { all, filter, sort }: Shown): FrameIndex[] {
  const { profile, table, present, culprits, locationOf } = model
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = present.filter((index) => {
    const frame = profile.frames[index]!
    if (!all && isForeign(model, frame) && !culprits.has(index)) return false
    const text = words.length === 0 ? '' : `${frame.name} ${locationOf(frame)}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const sign = sort.startsWith('-') ? -1 : 1
  const byColumn = comparerOf(model, sort.replace('-', ''))
  const byDefault = byOwnTime(table)
  return shown.sort((a, b) => sign * byColumn(a, b) || byDefault(a, b))
}

/** Of all time, what functions have that are not shown because they are not the app's. */
export function shareNotShown(model: FunctionsModel, shown: readonly FrameIndex[]): number {
  const { table, present, whole } = model
  const ownTime = (rows: readonly FrameIndex[]) =>
    rows.reduce((sum, index) => sum + table.self[index]!, 0)
  return whole === 0 ? 0 : (ownTime(present) - ownTime(shown)) / whole
}

// --- internal ---

function isForeign({ owners }: FunctionsModel, frame: Frame): boolean {
  const kind = frameKind(frame)
  return FOREIGN_KINDS.has(kind) && !owners.has(ownerOf(frame, kind))
}

/** Not the app's; what no function is stays: waits, garbage collection, what is not known. */
const FOREIGN_KINDS: ReadonlySet<FrameKind> = new Set(['library', 'node', 'native'])

function culpritFrames(profile: Profile): ReadonlySet<FrameIndex> {
  const { frame } = profile.stacks
  const culprits = new Set<FrameIndex>()
  const { blamed } = waitsOf(profile)
  for (let i = 1; i < blamed.length; i++) {
    if (blamed[i] === i && !isBlocked(profile, i)) culprits.add(frame[i]!)
  }
  return culprits
}

function comparerOf({ profile, table }: FunctionsModel, column: string) {
  if (column === 'name') {
    const nameOf = (index: FrameIndex) => profile.frames[index]!.name.toLowerCase()
    return (a: FrameIndex, b: FrameIndex) => {
      const [one, other] = [nameOf(a), nameOf(b)]
      return one < other ? -1 : one > other ? 1 : 0
    }
  }
  const values =
    column === 'total' || column === 'samples' || column === 'inTheWay' ? table[column] : table.self
  return (a: FrameIndex, b: FrameIndex) => values[a]! - values[b]!
}
