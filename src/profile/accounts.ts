import { type FrameKind, frameKind } from './frames.js'
import { ACCOUNTS, type Account, type Profile } from './profile.js'

/**
 * For each stack the account to which its own time belongs, as an index into `ACCOUNTS`. What is
 * below `[blocked]` is blocked time, whatever it is: it ran for others. Below `[await]` only calls
 * are: a wait can be blocked in its turn. O(stacks).
 */
export function accountOfStacks(profile: Profile): Uint8Array {
  const { frame, parent } = profile.stacks
  const ofFrame = profile.frames.map((each) => ACCOUNTS.indexOf(accountOfKind(frameKind(each))))
  const accounts = new Uint8Array(frame.length)
  for (let i = 1; i < accounts.length; i++) {
    const above = accounts[parent[i]!]!
    const own = ofFrame[frame[i]!]!
    accounts[i] = above === BLOCKED || (above === AWAIT && own === CPU) ? above : own
  }
  return accounts
}

// --- internal ---

const CPU = ACCOUNTS.indexOf('cpu')
const AWAIT = ACCOUNTS.indexOf('await')
const BLOCKED = ACCOUNTS.indexOf('blocked')

function accountOfKind(kind: FrameKind): Account {
  switch (kind) {
    case 'gc':
    case 'await':
    case 'blocked':
    case 'profiler':
    case 'unknown':
      return kind
    default:
      return 'cpu'
  }
}
