/** Profiles for property tests: small trees of hostile names. */
import fc from 'fast-check'
import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import { checkProfile } from '../../src/profile/check.js'
import { BLOCKED_LABEL, UP_TO } from '../../src/profile/labels.js'
import type { Frame, Profile } from '../../src/profile/profile.js'
import { isAwait, WaitCounts } from '../../src/profile/wait-counts.js'
import { oneWait } from './sums.js'

const hostile = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['(anonymous)', '(program)', '(garbage collector)', 'a;b', 'a b 1', '#', '//', '%3B'],
  ...['[unknown]', '[await] timer', '[await]', '[blocked]', '[off-CPU]', '[profiler]'],
  ...['</script><script>alert(1)</script>', 'x (f.js:1:2)', '\0', '\n', '\u2028', '"', '\\', '😀'],
]

const anyName = () =>
  fc.oneof(
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom(...hostile),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
  )

export function anyFrame(): fc.Arbitrary<Frame> {
  const synthetic = anyName().map((name) => ({ name, file: '', line: 0, column: 0 }))
  const placed = fc.record({
    name: anyName(),
    file: fc.constantFrom('/app/a.js', 'file:///b (2).mjs', 'node:fs', 'C:\\c;d.js'),
    line: fc.nat({ max: 3000 }),
    column: fc.nat({ max: 80 }),
  })
  return fc.oneof(synthetic, placed)
}

const anyLabels = () =>
  fc.array(
    fc.oneof(
      fc.tuple(fc.constantFrom('route', 'worker', '__proto__', ''), anyName()),
      fc.constant([BLOCKED_LABEL, UP_TO] as const),
    ),
    { maxLength: 2 },
  )

/** Waits at some of the profile's `[await]`s, as of a single recording. */
function anyWaits({ stacks, ...profile }: Profile): fc.Arbitrary<Profile> {
  const all = [...stacks.frame.keys()].filter((stack) => isAwait({ ...profile, stacks }, stack))
  const length = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 31 }))
  return fc
    .subarray(all.flatMap((stack) => [stack, stack]))
    .chain((some) => fc.tuple(...some.map((stack) => fc.tuple(fc.constant(stack), length))))
    .map((each) => {
      const waits = new WaitCounts()
      for (const [stack, micros] of each) waits.add(stack, 0, oneWait(micros))
      return checkProfile({ ...profile, stacks, waits: waits.finish() })
    })
}

/** Up to six functions, stacks up to five deep, thirty samples, some without time; waits. */
export function anyProfile(facts: { labels?: boolean } = {}): fc.Arbitrary<Profile> {
  const labels = facts.labels === false ? fc.constant([]) : anyLabels()
  return fc
    .record({
      frames: fc.array(anyFrame(), { minLength: 1, maxLength: 6 }),
      samples: fc.array(
        fc.record({
          path: fc.array(fc.nat({ max: 5 }), { maxLength: 5 }),
          weight: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 31 })),
          labels,
        }),
        { maxLength: 30 },
      ),
      startMicros: fc.nat({ max: 2 ** 31 }),
      timeline: fc.boolean(),
    })
    .map(({ frames, samples, startMicros, timeline }) => {
      const builder = new ProfileBuilder()
      for (const { path, weight, labels: set } of samples) {
        let stack = ROOT_STACK
        for (const step of path) {
          stack = builder.stack(stack, builder.frame(frames[step % frames.length]!))
        }
        builder.sample(stack, weight, builder.labelSet(new Map(set)))
      }
      return checkProfile(builder.build({ name: 'any', startMicros, timeline }))
    })
    .chain(anyWaits)
}
