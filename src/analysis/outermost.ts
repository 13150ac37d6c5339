import type { CallTree } from '../profile/calltree.js'
import type { StackIndex } from '../profile/profile.js'
import { inTheWayStacks } from '../profile/stack-waits.js'

/**
 * A walk through the tree that visits each call whose function is not running already, counted from
 * where the walk begins: summing the totals of the calls visited counts a recursive function once.
 * What runs for others (`inTheWayStacks`) is counted apart from the request's own calls of the same
 * function above it. Callers first. O(calls below `root`), no recursion.
 */
export function outermostWalk({ profile, firstChild, nextSibling }: CallTree) {
  const { frame, parent } = profile.stacks
  const inTheWay = inTheWayStacks(profile)
  // All zero again after each walk, so that many small walks cost no more than a large one.
  const running = new Uint8Array(profile.frames.length * 2)

  return (root: StackIndex, visit: (call: StackIndex, inTheWay: boolean) => void): void => {
    const entered: number[] = []
    for (let node = root; ; ) {
      const function_ = frame[node]! * 2 + inTheWay[node]!
      const isOutermost = running[function_] === 0
      if (isOutermost) visit(node, inTheWay[node] === 1)
      entered.push(isOutermost ? function_ : -1)
      running[function_] = 1
      let next = firstChild[node]!
      while (next === -1) {
        const left = entered.pop()!
        if (left !== -1) running[left] = 0
        if (node === root) return
        next = nextSibling[node]!
        node = parent[node]!
      }
      node = next
    }
  }
}
