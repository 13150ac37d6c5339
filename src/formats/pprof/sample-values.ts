import { ACCOUNT_INDEX } from '../../profile/accounts.js'
import type { Micros, Profile, StackIndex } from '../../profile/profile.js'

/** What each sample says of itself in numbers. */
export interface SampleValue {
  readonly type: string
  readonly unit: string
  /** `weight` is in the profile's unit, of `count` of its samples. */
  readonly of: (count: number, weight: number, stack: StackIndex) => number | bigint
}

/**
 * `samples/count` and `wall/nanoseconds` (`space/bytes`; only the count where the model counts,
 * only the delay where it has that), and `cpu/nanoseconds` between them where the accounts of the
 * stacks are known. The last one is the one to be shown first.
 */
export function sampleValues({ unit }: Profile, accounts: Uint8Array | null): SampleValue[] {
  const count: SampleValue = { type: 'samples', unit: 'count', of: (samples) => samples }
  switch (unit) {
    case 'samples':
      return [{ ...count, of: (_count, weight) => weight }]
    case 'bytes':
      return [count, { type: 'space', unit: 'bytes', of: (_count, weight) => BigInt(weight) }]
    case 'counts':
      return [{ type: 'objects', unit: 'count', of: (_count, weight) => weight }]
    case 'delay': {
      const waited = (_count: number, weight: Micros) => BigInt(weight) * NANOS
      return [{ type: 'delay', unit: 'nanoseconds', of: waited }]
    }
    case 'microseconds': {
      const wall = (_count: number, weight: Micros) => BigInt(weight) * NANOS
      const cpu = (_count: number, weight: Micros, stack: StackIndex) =>
        accounts?.[stack] === ACCOUNT_INDEX.cpu ? BigInt(weight) * NANOS : 0n
      return [
        count,
        ...(accounts === null ? [] : [{ type: 'cpu', unit: 'nanoseconds', of: cpu }]),
        { type: 'wall', unit: 'nanoseconds', of: wall },
      ]
    }
  }
}

// --- internal ---

/** In a microsecond. */
const NANOS = 1000n
