import { printable } from '../../../src/printable.js'
import { ACCOUNTS, type Account } from '../../../src/profile/accounts.js'
import { totalWeight } from '../../../src/profile/calltree.js'
import { ANONYMOUS, awaitedBy, frameKind } from '../../../src/profile/frames.js'
import type { Profile, StackIndex } from '../../../src/profile/profile.js'
import { accountOfStacks } from '../../../src/profile/stack-accounts.js'
import type { Steps } from '../../../src/profile/steps.js'
import { type Locate, locatorFor } from '../../../src/render/paths.js'
import { type Calls, callsOf } from './calls.js'
import { type Lane, lanesOf } from './lanes.js'
import { callRow, type Row } from './timeline-rows.js'
import { type UpToBetween, upToBetween } from './up-to.js'

/**
 * A profile with a timeline as this view needs it: lanes, and below them the calls, a row for each
 * depth.
 */
export interface TimelineModel {
  readonly profile: Profile
  /** How long it is. */
  readonly whole: number
  readonly lanes: readonly Lane[]
  readonly calls: Calls
  readonly rowCount: number
  readonly accountOf: Uint8Array
  /** Of each frame: is it a function of the app? */
  readonly isApp: readonly boolean[]
  readonly locationOf: Locate
  readonly upToBetween: UpToBetween
}

export function* buildTimelineModel(profile: Profile): Steps<TimelineModel> {
  const accountOf = accountOfStacks(profile)
  yield
  const lanes = yield* lanesOf(profile, accountOf)
  const calls = yield* callsOf(profile)
  return {
    profile,
    whole: totalWeight(profile),
    lanes,
    calls,
    rowCount: lanes.length + calls.deepest,
    accountOf,
    isApp: profile.frames.map((frame) => frameKind(frame) === 'app'),
    locationOf: locatorFor(profile),
    upToBetween: upToBetween(profile),
  }
}

/** Rows count from the first lane. */
export function rowOf({ lanes, calls }: TimelineModel, index: number): Row {
  return lanes[index]?.row ?? callRow(calls, index - lanes.length + 1)
}

/** How a piece is coloured: by its account, or `plain` where the code is not the app's. */
export type Paint = Account | 'plain'

export function paintOf(model: TimelineModel, index: number, value: number): Paint {
  const lane = model.lanes[index]
  if (lane) return lane.account ?? ACCOUNTS[value]!
  const account = ACCOUNTS[model.accountOf[value]!]!
  return account === 'cpu' && !model.isApp[model.profile.stacks.frame[value]!] ? 'plain' : account
}

/** What is known about a piece; all texts are printable. */
export interface Description {
  /** '' for an account as such. */
  readonly name: string
  readonly account: Account
  readonly start: number
  readonly end: number
  /** Where it is, or who waited for it. */
  readonly place: string
}

export function describe(model: TimelineModel, index: number, piece: number): Description {
  const row = rowOf(model, index)
  const value = row.value(piece)
  const time = { start: row.start(piece), end: row.end(piece) }
  if (model.lanes[index]?.account === null) {
    return { ...time, name: '', account: ACCOUNTS[value]!, place: '' }
  }
  return {
    ...time,
    name: nameOf(model, value),
    account: ACCOUNTS[model.accountOf[value]!]!,
    place: placeOf(model, value),
  }
}

/** What stands in a bar: in a lane of a resource everybody knows what it is. */
export function textOf(model: TimelineModel, index: number, value: number): string {
  const lane = model.lanes[index]
  if (lane && lane.account !== 'blocked') return ''
  // The colour says that it waits.
  const awaited = awaitedBy(frameOf(model, value))
  return awaited ? printable(awaited, 200) : nameOf(model, value)
}

export function nameOf(model: TimelineModel, stack: StackIndex): string {
  return printable(frameOf(model, stack).name, 200) || ANONYMOUS
}

/** The function's file and line; for what has none, that of the nearest caller. */
export function placeOf(model: TimelineModel, stack: StackIndex): string {
  const { parent } = model.profile.stacks
  let at = stack
  while (at > 0 && frameOf(model, at).file === '') at = parent[at]!
  if (at === 0) return ''
  const place = printable(model.locationOf(frameOf(model, at)))
  return at === stack ? place : `in ${nameOf(model, at)} ${place}`
}

// --- internal ---

function frameOf({ profile }: TimelineModel, stack: StackIndex) {
  return profile.frames[profile.stacks.frame[stack]!]!
}
