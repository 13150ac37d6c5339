import type { Account } from '../../../src/profile/accounts.js'
import type { Profile } from '../../../src/profile/profile.js'

/** In profiles of others, the time between is not a request's: nothing ran. */
export function accountName({ sources }: Profile, account: Account): string {
  return sources.length === 0 && account === 'await' ? 'idle' : account
}
