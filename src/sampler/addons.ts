import { createRequire } from 'node:module'
import { type Around, apply, MethodPatch } from './async/method-patch.js'

/** Calls back for each native add-on of this thread: those that are loaded, and those to come. */
export function watchAddons(found: (path: string, exported: unknown) => void): void {
  for (const path of Object.keys(modules))
    if (path.endsWith('.node')) found(path, modules[path]?.exports)
  const dlopen: Around = (original) =>
    function dlopen(...args) {
      const loaded = apply(original, this, args)
      try {
        const { 0: module, 1: path } = args
        if (typeof path === 'string') found(path, (module as NodeModule | undefined)?.exports)
      } catch {
        // Nobody knows of it, then.
      }
      return loaded
    }
  new MethodPatch(process, 'dlopen', dlopen).install()
}

// --- internal ---

const modules = createRequire(import.meta.url).cache
