import { ACCOUNT_INDEX } from '../profile/accounts.js'
import { frameKinds, ownerOf } from '../profile/frames.js'
import type { Profile, StackTable } from '../profile/profile.js'
import { accountOfStacks } from '../profile/stack-accounts.js'

/**
 * The packages that are not folded because nothing would be left to see: in the profile of a tool
 * (a compiler, a bundler, a linter) next to no CPU time is the app's, by code that the app has
 * called. What goes back to a package that has called the app is the package's, unless most is so:
 * a test that loads a file has a test runner compile it. They are the heaviest ones that have most
 * of it together; `node` stands for the runtime's own modules. None in the profile of an app, and
 * none in dumps of requests, which are an app's whatever they did.
 */
export function toolOwners(profile: Profile): ReadonlySet<string> {
  let owners = known.get(profile)
  if (owners === undefined) {
    owners = find(profile)
    known.set(profile, owners)
  }
  return owners
}

// --- internal ---

const known = new WeakMap<Profile, ReadonlySet<string>>()
const NONE: ReadonlySet<string> = new Set()

/** Of the CPU time, what is the app's in the profile of a tool at most. */
const LITTLE = 0.05
/** The same with what the app has packages do that have called it: Express its answers. */
const NOT_MOST = 0.5
/** Of the CPU time, what unfolded packages have at least. */
const MOST = 0.9
/** The runtime's modules are how a tool is loaded and run, unless they are what runs. */
const MOSTLY_RUNTIME = 0.5

function find(profile: Profile): ReadonlySet<string> {
  if (profile.sources.some(({ kind }) => kind === 'request' || kind === 'stall')) return NONE
  const { cpu, app, below, owners } = timesOf(profile)
  if (cpu === 0 || app >= cpu * LITTLE || below >= cpu * NOT_MOST) return NONE
  const runtime = owners.get(RUNTIME) ?? 0
  const candidates = runtime < cpu * MOSTLY_RUNTIME ? withoutRuntime(owners) : owners
  const whole = [...candidates.values()].reduce((sum, time) => sum + time, 0)
  const heaviest = new Set<string>()
  let covered = 0
  for (const [owner, time] of byTimeOf(candidates)) {
    if (covered >= whole * MOST) break
    heaviest.add(owner)
    covered += time
  }
  return heaviest
}

const RUNTIME = 'node'

function withoutRuntime(owners: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...owners].filter(([owner]) => owner !== RUNTIME))
}

/** What the engine does is its caller's. Weights of a diff may be negative. */
function timesOf(profile: Profile) {
  const { frames, stacks, samples } = profile
  const { frame, parent } = stacks
  const kinds = frameKinds(frames)
  const ownerOfFrame = frames.map((each, i) => ownerOf(each, kinds[i]!))
  const accounts = accountOfStacks(profile)
  const time = new Float64Array(frame.length)
  for (let i = 0; i < samples.stack.length; i++) {
    const stack = samples.stack[i]!
    if (accounts[stack] === ACCOUNT_INDEX.cpu) time[stack]! += Math.abs(samples.weight[i]!)
  }
  const owners = ownTimes(ownerOfFrame, time, stacks)
  const bits = bitsOf(withoutRuntime(owners))
  const bitOfFrame = ownerOfFrame.map((owner) => bits.get(owner) ?? 0)
  // Without a file it is a note of ours, like that of a stack that was cut off.
  const isAppFrame = frames.map(({ file }, i) => kinds[i] === 'app' && file !== '')
  /** Whose code is on the stack, above the first function of the app if there is one. */
  const callers = new Int32Array(frame.length)
  const hasApp = new Uint8Array(frame.length)
  const isApps = new Uint8Array(frame.length)
  const sums = { cpu: time[0]!, app: 0, below: 0, owners }
  for (let i = 1; i < frame.length; i++) {
    const above = parent[i]!
    const bit = bitOfFrame[frame[i]!]!
    const isAppsOwn = isAppFrame[frame[i]!]!
    hasApp[i] = isAppsOwn ? 1 : hasApp[above]!
    callers[i] = hasApp[i] ? callers[above]! : callers[above]! | bit
    isApps[i] = isAppsOwn ? 1 : (callers[i]! & bit) !== 0 ? 0 : isApps[above]!
    sums.cpu += time[i]!
    if (isApps[i]) sums.app += time[i]!
    if (hasApp[i]) sums.below += time[i]!
  }
  return sums
}

/** The time of each owner, with that of what has none and was called by it. */
function ownTimes(ownerOfFrame: readonly string[], time: Float64Array, stacks: StackTable) {
  const { frame, parent } = stacks
  const owner = new Array<string>(frame.length).fill('')
  const owners = new Map<string, number>()
  for (let i = 1; i < frame.length; i++) {
    const whose = ownerOfFrame[frame[i]!]! || owner[parent[i]!]!
    owner[i] = whose
    if (whose !== '' && time[i] !== 0) owners.set(whose, (owners.get(whose) ?? 0) + time[i]!)
  }
  return owners
}

/** A bit for each of the heaviest; what the others do when they are called back is little. */
function bitsOf(owners: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map(
    byTimeOf(owners)
      .slice(0, 32)
      .map(([owner], i) => [owner, 1 << i]),
  )
}

function byTimeOf(owners: ReadonlyMap<string, number>): [string, number][] {
  return [...owners].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
}
