import { ACCOUNT_INDEX } from './accounts.js'
import { accountOfKind, frameKinds } from './frames.js'
import type { Profile } from './profile.js'

/**
 * For each stack the account to which its own time belongs, as an index into `ACCOUNTS`. What is
 * below `[blocked]` is blocked time, whatever it is: it ran for others. Below `[await]` only calls
 * are: a wait can be blocked in its turn. O(stacks).
 */
export function accountOfStacks(profile: Profile): Uint8Array {
  const { frame, parent } = profile.stacks
  const ofFrame = frameKinds(profile.frames).map((kind) => ACCOUNT_INDEX[accountOfKind(kind)])
  const accounts = new Uint8Array(frame.length)
  for (let i = 1; i < accounts.length; i++) {
    const above = accounts[parent[i]!]!
    const own = ofFrame[frame[i]!]!
    accounts[i] = above === BLOCKED || (above === AWAIT && own === CPU) ? above : own
  }
  return accounts
}

// --- internal ---

const { cpu: CPU, await: AWAIT, blocked: BLOCKED } = ACCOUNT_INDEX
