/**
 * Methods of packages that the app loads when it likes: patched as soon as they are found, while
 * somebody needs it.
 */
import { createRequire } from 'node:module'
import { type Around, MethodPatch } from './method-patch.js'

/** What is patched of a package: the prototype that its module leads to, and the methods. */
export interface Patched {
  readonly path: RegExp
  prototypeOf(exported: unknown): unknown
  readonly methods: Readonly<Record<string, Around>>
}

export class ModulePatches {
  readonly #patched: readonly Patched[]
  readonly #patches = new Map<object, readonly MethodPatch[]>()
  #isEnabled = false
  #modulesSeen = 0

  constructor(patched: readonly Patched[]) {
    this.#patched = patched
  }

  enable(): void {
    this.#isEnabled = true
    for (const patches of this.#patches.values()) for (const patch of patches) patch.install()
    this.look()
  }

  disable(): void {
    this.#isEnabled = false
    for (const patches of this.#patches.values()) for (const patch of patches) patch.rest()
  }

  remove(): void {
    for (const patches of this.#patches.values()) for (const patch of patches) patch.remove()
  }

  /** Looks among the modules that the app has loaded since the last time. */
  look(): void {
    if (!this.#isEnabled) return
    const paths = Object.keys(modules)
    if (paths.length === this.#modulesSeen) return
    this.#modulesSeen = paths.length
    for (const path of paths)
      for (const each of this.#patched)
        if (each.path.test(path)) this.#patch(each, modules[path]?.exports)
  }

  // --- internal ---

  #patch({ prototypeOf, methods }: Patched, exported: unknown): void {
    const prototype = prototypeOf(exported)
    if (typeof prototype !== 'object' || prototype === null || this.#patches.has(prototype)) return
    const patches = Object.entries(methods).map(
      ([name, around]) => new MethodPatch(prototype, name, around),
    )
    this.#patches.set(prototype, patches)
    for (const patch of patches) patch.install()
  }
}

/** Of a class that a module exports. */
export function prototypeOf(exported: unknown): unknown {
  return typeof exported === 'function' ? exported.prototype : null
}

// --- internal ---

const modules = createRequire(import.meta.url).cache
