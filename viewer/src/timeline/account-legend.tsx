import { useMemo } from 'preact/hooks'
import { upToIn } from '../../../src/analysis/up-to.js'
import { ACCOUNT_TABLE, ACCOUNTS } from '../../../src/profile/accounts.js'
import { emptyLedger, sumOfLedger } from '../../../src/profile/ledger.js'
import type { Profile } from '../../../src/profile/profile.js'
import { accountOfStacks } from '../../../src/profile/stack-accounts.js'
import { boundsOf, certaintyNote } from '../../../src/render/bounds.js'
import { Swatch } from '../parts/account-colours.js'
import { accountName } from '../parts/account-name.js'
import { absoluteScale, roundedLedger } from '../parts/figures.js'

/** What the colours mean, with the time of each account in the range on show. */
export function AccountLegend({ profile }: { readonly profile: Profile }) {
  const ledger = useMemo(() => ledgerOf(profile), [profile])
  const upTo = useMemo(() => upToIn(profile), [profile])
  // Bytes and counts are in no account.
  if (profile.unit !== 'microseconds') return null
  const isForeign = profile.sources.length === 0
  const whole = sumOfLedger(ledger)
  const scale = absoluteScale(profile.unit, whole)
  const rounded = roundedLedger(ledger, scale.step)
  return (
    <ul class="account-legend" aria-label="Accounts">
      {ACCOUNTS.filter((account) => ledger[account] > 0).map((account) => (
        <li key={account} title={isForeign ? undefined : ACCOUNT_TABLE[account].meaning}>
          <Swatch account={account} />
          <span>{accountName(profile, account)}</span>
          <b>
            {scale.write(rounded.get(account)!)} {scale.label}
          </b>
          {account === 'blocked' && certaintyNote(boundsOf(ledger.blocked, upTo))}
        </li>
      ))}
    </ul>
  )
}

// --- internal ---

function ledgerOf(profile: Profile) {
  const accountOf = accountOfStacks(profile)
  const ledger = emptyLedger()
  const { stack, weight } = profile.samples
  for (let i = 0; i < stack.length; i++) ledger[ACCOUNTS[accountOf[stack[i]!]!]!] += weight[i]!
  return ledger
}
