/** What profview says of a request for people, read as they read it. */
import type { Profile } from '../../src/index.js'
import { profview } from '../support/app.js'

/** A sentence that says where time went; `micros` is what it says at least. */
export interface Claim {
  readonly text: string
  readonly micros: number
  /** Said without "up to" or "may": who is named is at fault. */
  readonly isFirm: boolean
}

const CULPRIT = /^(Blocked|Queued|Off-CPU|CPU)\b/
const UNIT = { µs: 1, us: 1, ms: 1_000, s: 1_000_000 }

/** The sentences that name somebody or something that took the request's time. */
export function claimsOf(profile: Profile): Claim[] {
  const lines = profview.renderText(profile).split('\n')
  return lines.filter((line) => CULPRIT.test(line)).map(claimOf)
}

/**
 *     Blocked 106 ms by GET /report, up to 87.2 ms of it in add.   106 ms, firm
 *     Blocked 100 to 152 ms by GET /report.                        100 ms, firm
 *     Queued up to 258 ms behind GET /report.                      not firm
 *     CPU: 59 % of 12.4 ms in add; 9 samples, +- 30 %.             7.3 ms, firm
 */
export function claimOf(text: string): Claim {
  const fact = text.split(/,(?! ?\d{3}\b)/)[0]!
  const share = /(\d+) % of/.exec(fact)
  const times = [...fact.matchAll(/(\d[\d,.]*)(?= (?:(?:to|of|and) [\d,.]+ )?(µs|us|ms|s)\b)/g)]
  const [, digits = '0', unit = 'ms'] = times[0] ?? []
  const micros = Number(digits.replaceAll(',', '')) * UNIT[unit as keyof typeof UNIT]
  return {
    text,
    micros: share ? (micros * Number(share[1])) / 100 : micros,
    isFirm: !/\bup to\b|\bmay\b/.test(fact),
  }
}
