/**
 * Marks on asynchronous resources, which are any objects of Node's or the app's. A private field stamps an object
 * invisibly to the app, even a frozen one, and for a tenth of a WeakMap's price.
 */
import type { Wait } from './waits.js'

/** Marks a resource as the wait's, or as nobody's. */
export function stamp(resource: object, wait: Wait | null): void {
  try {
    Stamp.set(resource, wait)
  } catch {
    // A frozen resource takes no stamp on some engines; its callbacks count as background.
  }
}

/** Whose the resource is, if it is known. */
export function stampOf(resource: object): Wait | null {
  return Stamp.get(resource)
}

// --- internal ---

class Target {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: returning the object is what stamps it
    return object
  }
}
class Stamp extends Target {
  #wait: Wait | null = null

  static set(object: object, wait: Wait | null): void {
    if (!(#wait in object)) new Stamp(object)
    ;(object as Stamp).#wait = wait
  }

  static get(object: object): Wait | null {
    return #wait in object ? (object as Stamp).#wait : null
  }
}
