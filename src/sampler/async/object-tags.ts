/**
 * Marks on objects that are not ours: asynchronous resources, requests. A private field stamps an object
 * invisibly to the app, even a frozen one, and for a tenth of a WeakMap's price; sets of thousands of young objects
 * would keep the garbage collector busy.
 */
export interface Stamps<Mark> {
  /** Marks the object. What is frozen takes no mark on some engines. */
  set(object: object, mark: Mark | null): void
  /** The object's mark; null if it has none. */
  get(object: object): Mark | null
}

/** A kind of mark of its own. */
export function createStamps<Mark>(): Stamps<Mark> {
  class Stamp extends Target {
    #mark: Mark | null = null

    static set(object: object, mark: Mark | null): void {
      if (!(#mark in object)) new Stamp(object)
      ;(object as Stamp).#mark = mark
    }

    static get(object: object): Mark | null {
      return #mark in object ? (object as Stamp).#mark : null
    }
  }
  return {
    set(object, mark) {
      try {
        Stamp.set(object, mark)
      } catch {
        // Frozen.
      }
    },
    get: Stamp.get,
  }
}

// --- internal ---

class Target {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: returning the object is what stamps it
    return object
  }
}
