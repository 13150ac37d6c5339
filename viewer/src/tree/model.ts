import { buildCallTree, type CallTree } from '../../../src/profile/calltree.js'
import type { Profile } from '../../../src/profile/profile.js'
import { type AccountTotals, totalsByAccount } from './accounts.js'
import { locationWriter, type WriteLocation } from './places.js'

/** A profile as the call tree view needs it; made once for each profile. */
export interface TreeModel {
  readonly tree: CallTree
  readonly accounts: AccountTotals
  readonly locationOf: WriteLocation
}

export function buildTreeModel(profile: Profile): TreeModel {
  return {
    tree: buildCallTree(profile),
    accounts: totalsByAccount(profile),
    locationOf: locationWriter(profile),
  }
}
