/**
 * The accounts of a request's wall-clock time; they sum to its duration. A new account is a row of
 * this table, and what the compiler and the tests then ask for.
 */
interface AccountRow {
  /** For the reader who sees it for the first time. */
  readonly meaning: string
  /** The frame under which its time stands; '' for code, which has frames of its own. */
  readonly frame: string
  /** What engines and other profilers call it. */
  readonly otherFrames?: readonly string[]
  /** Does nobody else write such a frame? */
  readonly isOurs?: true
  /** Do samples tell where it was spent? The others are measured. */
  readonly isSampled?: true
  /** Is it small change under any frame, and no reason to show who had it? */
  readonly isIncidental?: true
}

/** In the order in which they are shown. */
export const ACCOUNT_TABLE = {
  cpu: {
    meaning: 'code that ran for this request',
    frame: '',
    isSampled: true,
  },
  gc: {
    meaning: 'garbage collection while it ran',
    frame: '(garbage collector)',
    isSampled: true,
    isIncidental: true,
  },
  offcpu: {
    meaning: 'its code, and the thread did not run: a synchronous wait, or the CPU was taken',
    frame: '[off-CPU]',
    isOurs: true,
    isSampled: true,
  },
  await: {
    meaning: 'what it waited for was not there yet',
    frame: '[await]',
    otherFrames: ['(idle)'],
    isOurs: true,
  },
  blocked: {
    meaning: 'it could have gone on and the event loop ran something else',
    frame: '[blocked]',
    otherFrames: ['[foreign time while waiting (version 1)]'],
    isOurs: true,
  },
  profiler: {
    meaning: 'our own work that held it up',
    frame: '[profiler]',
    isOurs: true,
    isIncidental: true,
  },
  unknown: {
    meaning: 'time we cannot tell',
    frame: '[unknown]',
    otherFrames: ['(program)'],
    isIncidental: true,
  },
} as const satisfies Readonly<Record<string, AccountRow>>

export type Account = keyof typeof ACCOUNT_TABLE

/** In the order in which they are shown. */
export const ACCOUNTS: readonly Account[] = Object.keys(ACCOUNT_TABLE) as Account[]

/** Where each account stands in `ACCOUNTS`: columns hold accounts as these numbers. */
export const ACCOUNT_INDEX: Readonly<Record<Account, number>> = perAccount((_, index) => index)

/** With all that a row may say. */
export function accountRow(account: Account): AccountRow {
  return ACCOUNT_TABLE[account]
}

/** A value for each account, in their order. */
export function perAccount<Value>(
  each: (account: Account, index: number) => Value,
): Record<Account, Value> {
  const entries = ACCOUNTS.map((account, index) => [account, each(account, index)])
  return Object.fromEntries(entries) as Record<Account, Value>
}
