import { buildCallTree, type CallTree } from '../../../src/profile/calltree.js'
import type { Profile } from '../../../src/profile/profile.js'
import { type Locate, locatorFor } from '../../../src/render/paths.js'
import { type AccountTotals, totalsByAccount } from './accounts.js'

/** A profile as the call tree view needs it; made once for each profile. */
export interface TreeModel {
  readonly tree: CallTree
  readonly accounts: AccountTotals
  readonly locationOf: Locate
}

export function buildTreeModel(profile: Profile): TreeModel {
  return {
    tree: buildCallTree(profile),
    accounts: totalsByAccount(profile),
    locationOf: locatorFor(profile, ELSEWHERE),
  }
}

// --- internal ---

/** The page runs in no directory: what the files of the app share is where they are. */
const ELSEWHERE = '\0'
