/**
 * In dumps of version 1, `[blocked]` is all foreign time while the request waited, whether or not
 * that delayed it. Beside that of version 2 it must not look like the same thing, let alone be
 * added to it: its frame gets a name of its own, in the same account.
 */
import { BLOCKED, FOREIGN, syntheticFrame } from '../profile/frames.js'
import { REQUEST_LABEL } from '../profile/labels.js'
import type { Frame, Profile } from '../profile/profile.js'
import { waitsOf } from '../profile/stack-waits.js'

/** The profile with its `[blocked]` called `[foreign time …]`, if it is of version 1. */
export function withForeignTime(profile: Profile): Profile {
  if (!isOfVersion1(profile)) return profile
  const frames = profile.frames.map((frame) => (isBlockedFrame(frame) ? FOREIGN_FRAME : frame))
  return { ...profile, frames }
}

/** The way back, where dumps of version 1 are alone with it. */
export function withoutForeignTime(profile: Profile): Profile {
  const { sources, frames } = profile
  const isAlone = sources.length > 0 && sources.every(({ version }) => version === 1)
  if (!isAlone || frames.some(isBlockedFrame) || !frames.some(isForeignFrame)) return profile
  const renamed = frames.map((frame) => (isForeignFrame(frame) ? BLOCKED_FRAME : frame))
  return { ...profile, frames: renamed }
}

// --- internal ---

const FOREIGN_FRAME = syntheticFrame(FOREIGN)
const BLOCKED_FRAME = syntheticFrame(BLOCKED)

/**
 * Does `[blocked]` mean in here what it does in version 1? A profile of such dumps may have been
 * merged with one of no dump, whose `[blocked]` could be anything: that of the dumps has its own
 * name then.
 */
function isOfVersion1(profile: Profile): boolean {
  const { sources, frames, samples, labelSets } = profile
  if (sources.length === 0 || sources.some(({ version }) => version !== 1)) return false
  if (!frames.some(isBlockedFrame) || frames.some(isForeignFrame)) return false
  const isDumps = labelSets.map((labels) => labels.has(REQUEST_LABEL))
  if (!isDumps.includes(true)) return true
  const { blamed } = waitsOf(profile)
  return samples.stack.some((stack, i) => blamed[stack] !== -1 && isDumps[samples.labelSet[i]!])
}

function isBlockedFrame({ name, file }: Frame): boolean {
  return file === '' && name === BLOCKED
}

function isForeignFrame({ name, file }: Frame): boolean {
  return file === '' && name === FOREIGN
}
