import type { Profile } from '../profile/profile.js'

/** Whom functions are called by and whom they call, by names, in two profiles. */
export class Shapes {
  readonly #sides: readonly Calls[]

  constructor(...profiles: readonly [Profile, Profile]) {
    this.#sides = profiles.map(callsOf)
  }

  /** Functions of this name have a caller in common, and a callee where both call any. */
  agree(name: string): boolean {
    const [one, other] = this.#sides.map(({ callers, callees }) => ({
      callers: callers.get(name) ?? NOBODY,
      callees: callees.get(name) ?? NOBODY,
    }))
    if (!haveCommon(one!.callers, other!.callers)) return false
    const isLeaf = one!.callees.size === 0 || other!.callees.size === 0
    return isLeaf || haveCommon(one!.callees, other!.callees)
  }
}

export function haveCommon(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const name of some) if (others.has(name)) return true
  return false
}

// --- internal ---

interface Calls {
  readonly callers: Map<string, Set<string>>
  readonly callees: Map<string, Set<string>>
}

const NOBODY: ReadonlySet<string> = new Set()

function callsOf({ frames, stacks: { frame, parent } }: Profile): Calls {
  const callers = new Map<string, Set<string>>()
  const callees = new Map<string, Set<string>>()
  for (let stack = 1; stack < frame.length; stack++) {
    const name = frames[frame[stack]!]!.name
    const caller = frames[frame[parent[stack]!]!]!.name
    if (name === caller) continue
    add(callers, name, caller)
    add(callees, caller, name)
  }
  return { callers, callees }
}

function add(names: Map<string, Set<string>>, key: string, name: string): void {
  const known = names.get(key)
  if (known === undefined) names.set(key, new Set([name]))
  else known.add(name)
}
