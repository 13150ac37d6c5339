/**
 * What profview does to a process is mostly for the process's life. One that is only visited
 * (`attach`) shall be as it was when we leave: whatever is done for good says here how it is
 * undone. Where nobody visits, nothing is noted.
 */

type State = 'resident' | 'visiting' | 'left'

let state: State = 'resident'
const undos = new Set<() => void>()

/** Before anything else of this package is called. */
export function beginVisit(): void {
  state = 'visiting'
}

export function isVisit(): boolean {
  return state !== 'resident'
}

/** What is begun now would stay. */
export function hasLeft(): boolean {
  return state === 'left'
}

/** `undo` is called when we leave, the latest first; returns what forgets it. */
export function whenLeaving(undo: () => void): () => void {
  if (state !== 'visiting') return NOTHING
  undos.add(undo)
  return () => void undos.delete(undo)
}

/** Undoes all of it. */
export function leave(): void {
  state = 'left'
  for (const undo of [...undos].reverse()) {
    try {
      undo()
    } catch {
      // Somebody else has changed it since.
    }
  }
  undos.clear()
}

// --- internal ---

const NOTHING = (): void => {}
