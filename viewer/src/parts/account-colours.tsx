import type { Account } from '../../../src/profile/accounts.js'

/**
 * The colours of accounts: tokens.css has them by the accounts' names, and no other style sheet
 * names an account's colour.
 */

/** For areas. */
export function colourOf(account: Account): string {
  return `var(--${account})`
}

/** For text. */
export function inkOf(account: Account): string {
  return `var(--${account}-ink)`
}

/** As a background: the colour, or a pattern where the account has one. */
export function fillOf(account: Account): string {
  return `var(--${account}-fill, ${colourOf(account)})`
}

/** Says which colour is whose. */
export function Swatch({ account }: { readonly account: Account }) {
  return <i class="swatch" style={{ background: fillOf(account) }} />
}
