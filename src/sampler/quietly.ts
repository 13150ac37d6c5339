/** A timer or a listener of ours: what fails in it is none of the app's. */
export function quietly(work: () => void): () => void {
  return () => {
    try {
      work()
    } catch {
      // Nobody could do anything about it.
    }
  }
}
