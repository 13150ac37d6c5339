import { ProfileBuilder, ROOT_FRAME, ROOT_STACK } from '../profile/builder.js'
import { frameKinds, isHelper } from '../profile/frames.js'
import type { Frame, Profile } from '../profile/profile.js'
import { movedTo, type Passed, unchanged } from './pass.js'

/**
 * Takes away the calls of compilers' helpers, whose time goes to the function that called them. An
 * `async` function that was taken apart shows as one: what its helper calls is itself again.
 * Helpers that nobody called keep what time of their own they have. `show`: frames that stay
 * whatever they are. Time is conserved.
 *
 *     main;load;__awaiter;next;load 5, main;load;__awaiter 1, main;load;__awaiter;next;load;parse 2
 *     =  main;load 6, main;load;parse 2
 */
export function joinHelpers(profile: Profile, show: (frame: Frame) => boolean): Passed {
  const { frame, parent } = profile.stacks
  const helper = profile.frames.map((each) => isHelper(each) && !show(each))
  if (!helper.includes(true)) return unchanged(profile)
  const kinds = frameKinds(profile.frames)
  const engine = profile.frames.map(({ name }, i) => kinds[i] === 'native' && RESUMES.has(name))
  const builder = new ProfileBuilder(profile.frames)
  const isGone = new Uint8Array(frame.length)
  /** Where the stack's callees hang, the frame there, and where its own time goes. */
  const base = new Int32Array(frame.length)
  const caller = new Int32Array(frame.length).fill(ROOT_FRAME)
  const stackOf = new Int32Array(frame.length)
  const hasTime = new Uint8Array(frame.length)
  for (const stack of profile.samples.stack) hasTime[stack] = 1
  for (let i = ROOT_STACK + 1; i < frame.length; i++) {
    const above = parent[i]!
    const own = frame[i]!
    if (helper[own] || (isGone[above] && engine[own])) {
      isGone[i] = 1
      base[i] = base[above]!
      // At the root a run of helpers is known by its first frame.
      const isFirst = base[i] === ROOT_STACK && !isGone[above]
      caller[i] = isFirst ? own : caller[above]!
      const isUncalled = base[i] === ROOT_STACK && hasTime[i]
      stackOf[i] = isUncalled ? builder.stack(ROOT_STACK, caller[i]!) : base[i]!
    } else {
      const isOneFunction = isGone[above] && caller[above] === own
      base[i] = isOneFunction ? base[above]! : builder.stack(base[above]!, own)
      caller[i] = own
      stackOf[i] = base[i]!
    }
  }
  return movedTo(profile, builder, stackOf)
}

// --- internal ---

/** How helpers run the second half of a function. */
const RESUMES: ReadonlySet<string> = new Set([
  'next',
  'throw',
  'return',
  'then',
  'apply',
  'Promise',
])
