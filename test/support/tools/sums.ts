/** The same numbers as the judges of `test/formats/independent` have, of a profile of ours. */
import type { Profile } from '../../../src/profile/profile.js'
import { Adder, keyOf, type Sums } from '../../formats/independent/sums.js'

/** By the functions' places, or by name and file alone. */
export function sumsOf({ frames, stacks, samples }: Profile, by: 'place' | 'file' = 'place'): Sums {
  const names = frames.map(({ name, file, line, column }) =>
    by === 'file' ? `${name} ${file}` : keyOf(name, file, line, column),
  )
  const adder = new Adder()
  samples.stack.forEach((leaf, i) => {
    const stack: string[] = []
    for (let at = leaf; at > 0; at = stacks.parent[at]!) stack.unshift(names[stacks.frame[at]!]!)
    adder.add(stack, samples.weight[i]!)
  })
  return adder
}
