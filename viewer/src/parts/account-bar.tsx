import { ACCOUNTS, type Account } from '../../../src/profile/accounts.js'
import { fillOf } from './account-colours.js'
import { shareOf } from './figures.js'

interface AccountBarProps {
  readonly weightOf: (account: Account) => number
  /** The weight that fills the whole width. */
  readonly whole: number
}

/** A bar split into the accounts, each in its own colour. The numbers stand beside it. */
export function AccountBar({ weightOf, whole }: AccountBarProps) {
  return (
    <span class="account-bar" aria-hidden="true">
      {ACCOUNTS.map((account) => {
        const share = shareOf(weightOf(account), whole)
        if (share <= 0) return null
        const style = { width: `${share * 100}%`, background: fillOf(account) }
        return <i key={account} style={style} />
      })}
    </span>
  )
}
