/** Folded stacks: `root;child;leaf 12`, a line each. */
import { Adder, keyOf, type Sums } from './sums.js'

export function sumsOfCollapsed(text: string): Sums {
  const adder = new Adder()
  for (const line of text.split('\n')) {
    const at = line.lastIndexOf(' ')
    if (line.trim() === '') continue
    const stack = line.slice(0, at).split(';')
    adder.add(
      stack.map((name) => keyOf(name, '', 0, 0)),
      Number(line.slice(at + 1)),
    )
  }
  return adder
}
