import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { advance, type Steps } from '../../src/profile/steps.js'

/** What is there; null before the first. `isBusy`: what shall be there instead is under way. */
export interface Coming<T> {
  readonly value: T | null
  readonly isBusy: boolean
}

/**
 * What comes of the steps, which are begun anew with each change of the inputs. What is soon done
 * is there at once; the rest is done by and by.
 */
export function useSteps<T>(begin: () => Steps<T> | null, inputs: readonly unknown[]): Coming<T> {
  const [, redraw] = useState(0)
  const latest = useRef<T | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: who calls knows of them
  const work = useMemo(() => new Work(begin()), inputs)
  useEffect(() => work.goOn(() => redraw((times) => times + 1)), [work])
  if (work.done) latest.current = work.done.value
  return { value: latest.current, isBusy: !work.done }
}

/** Does the steps by and by, the first of them at once. */
export function byAndBy<T>(steps: Steps<T>): Promise<T> {
  const work = new Work(steps)
  return new Promise((resolve) => {
    if (work.done) resolve(work.done.value)
    else work.goOn(() => resolve(work.done!.value))
  })
}

// --- internal ---

/** Ms at a time: longer, and a key that is pressed meanwhile seems lost. */
const SLICE_MS = 40

class Work<T> {
  readonly #steps: Steps<T> | null
  done: { readonly value: T } | undefined

  constructor(steps: Steps<T> | null) {
    this.#steps = steps
    this.#advance()
  }

  /** Tells when it is done, unless it is already; the function returned gives it up. */
  goOn(onDone: () => void): () => void {
    let timer = 0
    const next = () => {
      this.#advance()
      if (this.done) onDone()
      else timer = setTimeout(next)
    }
    if (this.#steps !== null && !this.done) timer = setTimeout(next)
    return () => clearTimeout(timer)
  }

  #advance(): void {
    if (this.#steps === null) return
    const end = performance.now() + SLICE_MS
    this.done = advance(this.#steps, () => performance.now() >= end)
  }
}
