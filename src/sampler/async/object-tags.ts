/**
 * Tags on objects that are not ours: asynchronous resources, requests. A private field tags an
 * object invisibly to the app, even a frozen one, and for a tenth of a WeakMap's price; sets of
 * thousands of young objects would keep the garbage collector busy.
 */
export interface Tags<Tag> {
  /** Tags the object. What is frozen takes no tag on some engines. */
  set(object: object, tag: Tag | null): void
  /** The object's tag; null if it has none. */
  get(object: object): Tag | null
}

/** A kind of tag of its own. */
export function createTags<Tag>(): Tags<Tag> {
  class Tagged extends Target {
    #tag: Tag | null = null

    static set(object: object, tag: Tag | null): void {
      if (!(#tag in object)) new Tagged(object)
      ;(object as Tagged).#tag = tag
    }

    static get(object: object): Tag | null {
      return #tag in object ? (object as Tagged).#tag : null
    }
  }
  return {
    set(object, tag) {
      try {
        Tagged.set(object, tag)
      } catch {
        // Frozen.
      }
    },
    get: Tagged.get,
  }
}

// --- internal ---

class Target {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: returning the object is what tags it
    return object
  }
}
