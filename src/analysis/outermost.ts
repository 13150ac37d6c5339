import type { CallTree } from '../profile/calltree.js'
import type { FrameIndex, StackIndex } from '../profile/profile.js'

/**
 * A walk through the tree that visits each call whose function is not running already, counted from
 * where the walk begins: summing the totals of the calls visited counts a recursive function once.
 * Callers first. O(calls below `root`), no recursion.
 */
export function outermostWalk({ profile, firstChild, nextSibling }: CallTree) {
  const { frame, parent } = profile.stacks
  // All zero again after each walk, so that many small walks cost no more than a large one.
  const running = new Uint8Array(profile.frames.length)

  return (root: StackIndex, visit: (call: StackIndex) => void): void => {
    const entered: FrameIndex[] = []
    for (let node = root; ; ) {
      const isOutermost = running[frame[node]!] === 0
      if (isOutermost) visit(node)
      entered.push(isOutermost ? frame[node]! : -1)
      running[frame[node]!] = 1
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
