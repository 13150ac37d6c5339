import { ACCOUNT_INDEX } from '../profile/accounts.js'
import { frameKinds, ownerOf } from '../profile/frames.js'
import type { Profile } from '../profile/profile.js'
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
  const byTime = [...candidates].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const heaviest = new Set<string>()
  let covered = 0
  for (const [owner, time] of byTime) {
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
  const { frames, samples } = profile
  const { frame, parent } = profile.stacks
  const kinds = frameKinds(frames)
  const ownerOfFrame = frames.map((each, i) => ownerOf(each, kinds[i]!))
  const accounts = accountOfStacks(profile)
  const owner = new Array<string>(frame.length).fill('')
  const isApp = new Uint8Array(frame.length)
  /** Of each stack with a function of the app, whose code is above the first of them. */
  const callers = new Array<ReadonlySet<string> | null>(frame.length).fill(null)
  const ownersAbove = once((stack) => {
    const owners = new Set<string>()
    for (let at = stack; at > 0; at = parent[at]!) owners.add(ownerOfFrame[frame[at]!]!)
    owners.delete('')
    owners.delete(RUNTIME)
    return owners
  })
  for (let i = 1; i < frame.length; i++) {
    const own = frame[i]!
    const above = parent[i]!
    owner[i] = ownerOfFrame[own]! || owner[above]!
    // Without a file it is a note of ours, like that of a stack that was cut off.
    const isAppsOwn = kinds[own] === 'app' && frames[own]!.file !== ''
    callers[i] = callers[above] ?? (isAppsOwn ? ownersAbove(above) : null)
    const isBack = callers[i]?.has(ownerOfFrame[own]!) === true
    isApp[i] = isAppsOwn ? 1 : isBack ? 0 : isApp[above]!
  }
  const owners = new Map<string, number>()
  let cpu = 0
  let app = 0
  let below = 0
  for (let i = 0; i < samples.stack.length; i++) {
    const stack = samples.stack[i]!
    if (accounts[stack] !== ACCOUNT_INDEX.cpu) continue
    const weight = Math.abs(samples.weight[i]!)
    cpu += weight
    if (isApp[stack]) app += weight
    if (callers[stack]) below += weight
    const whose = owner[stack]!
    if (whose !== '') owners.set(whose, (owners.get(whose) ?? 0) + weight)
  }
  return { cpu, app, below, owners }
}

function once<Value>(find: (stack: number) => Value): (stack: number) => Value {
  const found = new Map<number, Value>()
  return (stack) => {
    let value = found.get(stack)
    if (value === undefined) {
      value = find(stack)
      found.set(stack, value)
    }
    return value
  }
}
