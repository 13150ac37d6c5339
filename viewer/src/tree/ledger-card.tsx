import { ACCOUNT_TABLE, ACCOUNTS } from '../../../src/profile/accounts.js'
import { sumOfLedger } from '../../../src/profile/ledger.js'
import type { Ledger } from '../../../src/profile/profile.js'
import { percent } from '../../../src/render/measure.js'
import { AccountBar } from '../parts/account-bar.js'
import { Swatch } from '../parts/account-colours.js'
import { roundedLedger, type Scale, shareOf } from '../parts/figures.js'

interface LedgerCardProps {
  readonly ledger: Ledger
  readonly scale: Scale
}

/** The accounts as a bar and as numbers that add up, to the last digit shown, to the duration. */
export function LedgerCard({ ledger, scale }: LedgerCardProps) {
  const whole = sumOfLedger(ledger)
  const rounded = roundedLedger(ledger, scale.step)
  return (
    <section class="ledger" aria-label="Where the time went">
      <AccountBar weightOf={(account) => ledger[account]} whole={whole} />
      <dl>
        {ACCOUNTS.map((account) => (
          <div
            key={account}
            class={ledger[account] === 0 ? 'nothing' : ''}
            title={ACCOUNT_TABLE[account].meaning}
          >
            <dt>
              <Swatch account={account} /> {account}
            </dt>
            <dd>
              <b>{scale.write(rounded.get(account)!)}</b> {scale.label}
              <small>{percent(shareOf(ledger[account], whole))}</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
