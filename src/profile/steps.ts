/**
 * Long work that may be put aside now and then, so that the app goes on, or who looks at a page can
 * go on looking: it yields where that is possible; its value is the result.
 */
export type Steps<T> = Generator<void, T, void>

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Does as much as can begin before `isOver` says so; undefined if there is more to do. */
export function advance<T>(steps: Steps<T>, isOver: () => boolean): { value: T } | undefined {
  do {
    const { done, value } = steps.next()
    if (done) return { value }
  } while (!isOver())
  return undefined
}
