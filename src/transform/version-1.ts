/**
 * In dumps of version 1, `[blocked]` is all foreign time while the request waited, whether or not
 * that delayed it. Beside that of version 2 it must not look like the same thing, let alone be
 * added to it: its frame gets a name of its own, in the same account.
 */
import { ProfileBuilder } from '../profile/builder.js'
import { BLOCKED, FOREIGN, syntheticFrame } from '../profile/frames.js'
import { REQUEST_LABEL } from '../profile/labels.js'
import type { Profile } from '../profile/profile.js'
import { moveSamples } from './move-samples.js'

/** The profile with its `[blocked]` called `[foreign time …]`, if it is of version 1. */
export function withForeignTime(profile: Profile): Profile {
  if (!isOfVersion1(profile)) return profile
  const { blocked, foreign } = timesBelow(profile)
  return blocked === 'dumps' && foreign === 'nobody' ? renamed(profile, BLOCKED, FOREIGN) : profile
}

/** The way back, where dumps of version 1 are alone with it. */
export function withoutForeignTime(profile: Profile): Profile {
  if (!isOfVersion1(profile)) return profile
  const { blocked, foreign } = timesBelow(profile)
  return blocked === 'nobody' && foreign !== 'nobody' ? renamed(profile, FOREIGN, BLOCKED) : profile
}

// --- internal ---

type Owner = 'dumps' | 'others' | 'nobody'

function isOfVersion1({ sources }: Profile): boolean {
  return sources.length > 0 && sources.every(({ version }) => version === 1)
}

/**
 * Whose time is below either frame. A profile of dumps may have been merged with one of no dump,
 * whose `[blocked]` could be anything; that of the dumps has its own name then.
 */
function timesBelow(profile: Profile): { readonly blocked: Owner; readonly foreign: Owner } {
  const outermost = outermostOf(profile)
  const isDumps = profile.labelSets.map((labels) => labels.has(REQUEST_LABEL))
  const owners = new Map<string, Owner>()
  const { stack, weight, labelSet } = profile.samples
  for (let i = 0; i < stack.length; i++) {
    const name = outermost[stack[i]!]!
    if (name === '' || weight[i] === 0) continue
    if (isDumps[labelSet[i]!]) owners.set(name, 'dumps')
    else if (!owners.has(name)) owners.set(name, 'others')
  }
  return {
    blocked: owners.get(BLOCKED) ?? 'nobody',
    foreign: owners.get(FOREIGN) ?? 'nobody',
  }
}

/** For each stack the outermost of the two frames on it; '' where there is none. */
function outermostOf({ frames, stacks }: Profile): readonly string[] {
  const names = frames.map(({ name, file }) =>
    file === '' && (name === BLOCKED || name === FOREIGN) ? name : '',
  )
  const outermost = [names[stacks.frame[0]!]!]
  for (let i = 1; i < stacks.frame.length; i++) {
    outermost.push(outermost[stacks.parent[i]!]! || names[stacks.frame[i]!]!)
  }
  return outermost
}

function renamed(profile: Profile, from: string, to: string): Profile {
  const builder = new ProfileBuilder()
  const frameOf = profile.frames.map((frame) => {
    const isMeant = frame.file === '' && frame.name === from
    return builder.frame(isMeant ? syntheticFrame(to) : frame)
  })
  return moveSamples(profile, builder, builder.adopt(profile.stacks, frameOf))
}
