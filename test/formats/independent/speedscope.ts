/**
 * speedscope's own format (https://www.speedscope.app/file-format-schema.json), all profiles of a
 * file together: events say at which value a frame opens and closes; else each sample has a weight.
 */
import { Adder, keyOf, type Sums } from './sums.js'

interface SpeedscopeProfile {
  readonly type: 'evented' | 'sampled'
  readonly unit: string
  readonly startValue: number
  readonly endValue: number
  readonly events?: readonly { type: 'O' | 'C'; frame: number; at: number }[]
  readonly samples?: readonly (readonly number[])[]
  readonly weights?: readonly number[]
}

interface SpeedscopeFile {
  readonly shared: {
    readonly frames: readonly { name: string; file?: string; line?: number; col?: number }[]
  }
  readonly profiles: readonly SpeedscopeProfile[]
}

export function sumsOfSpeedscope(text: string): Sums {
  const { shared, profiles }: SpeedscopeFile = JSON.parse(text)
  const names = shared.frames.map(({ name, file = '', line = 0, col = 0 }) =>
    keyOf(name, file, line, col),
  )
  const adder = new Adder()
  for (const { unit, events = [], samples = [], weights = [], ...profile } of profiles) {
    const scale = PER_MICROSECOND[unit] ?? 1
    const open: string[] = []
    let clock = profile.startValue
    const pass = (until: number) => {
      adder.add(open, (until - clock) * scale)
      clock = until
    }
    for (const { type, frame, at } of events) {
      pass(at)
      if (type === 'O') open.push(names[frame]!)
      else open.pop()
    }
    if (profile.type === 'evented') pass(profile.endValue)
    samples.forEach((stack, i) => {
      adder.add(
        stack.map((frame) => names[frame]!),
        weights[i]! * scale,
      )
    })
  }
  return adder
}

// --- internal ---

/** What is in none of these units is counted. */
const PER_MICROSECOND: Readonly<Record<string, number>> = {
  nanoseconds: 0.001,
  microseconds: 1,
  milliseconds: 1000,
  seconds: 1e6,
}
