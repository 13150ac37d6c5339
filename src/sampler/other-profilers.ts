/**
 * Whoever else uses `@datadog/pprof` in this thread: the app, dd-trace, Pyroscope. Of its profilers
 * one can run per thread, and two copies of it take the process's signal from each other, which may
 * end in a crash. Who starts one gets it: ours gives way before, and comes back when theirs has
 * stopped. A profiler of V8's own (`--cpu-prof`, an inspector's) runs beside all of them.
 */
import { createRequire } from 'node:module'
import { type Around, apply, type Method, MethodPatch } from './async/method-patch.js'

export class OtherProfilers {
  readonly #onStart: () => void
  readonly #own = new WeakSet<object>()
  readonly #active = new Set<object>()
  readonly #classes = new WeakSet<object>()
  /** One runs that was started before anybody looked. */
  #someoneWasFirst = false

  /** `onStart` is called before one starts; it must not throw. */
  constructor(onStart: () => void) {
    this.#onStart = onStart
  }

  get areActive(): boolean {
    return this.#someoneWasFirst || this.#active.size > 0
  }

  /** The library's own word for that one runs already. */
  someoneWasFirst(): void {
    this.#someoneWasFirst = true
  }

  /** It is ours. */
  own(profiler: object): void {
    this.#own.add(profiler)
  }

  /** Looks for copies of the library whose profiler runs already. */
  ask(): void {
    for (const path of Object.keys(modules))
      if (LIBRARY.test(path)) this.#ask(modules[path]?.exports)
  }

  /** An add-on of the app's: is it the native part of a copy? */
  loaded(exported: unknown): void {
    try {
      const { TimeProfiler } = exported as { readonly TimeProfiler?: unknown }
      if (typeof TimeProfiler !== 'function') return
      const { prototype } = TimeProfiler
      if (this.#classes.has(prototype)) return
      this.#classes.add(prototype)
      for (const [name, around] of Object.entries(this.#patches))
        new MethodPatch(prototype, name, around).install()
    } catch {
      // Another add-on's.
    }
  }

  // --- internal ---

  #ask(exported: unknown): void {
    try {
      const { isStarted } = exported as { readonly isStarted?: () => unknown }
      if (isStarted?.() === true) this.#someoneWasFirst = true
    } catch {
      // Of another version.
    }
  }

  readonly #patches: Readonly<Record<string, Around>> = {
    start: (original) => {
      const others = this
      return function start(...args) {
        if (others.#own.has(this)) return apply(original, this, args)
        others.#onStart()
        const started = apply(original, this, args)
        others.#active.add(this)
        return started
      }
    },
    stop: (original) => this.#stopped(original),
    stopAndCollect: (original) => this.#stopped(original),
  }

  #stopped(original: Method): Method {
    const others = this
    return function stop(...args) {
      const stopped = apply(original, this, args)
      // With `true` it goes on.
      if (args[0] === true || others.#own.has(this)) return stopped
      if (!others.#active.delete(this)) others.#someoneWasFirst = false
      return stopped
    }
  }
}

// --- internal ---

const modules = createRequire(import.meta.url).cache
/** Says whether it was started. */
const LIBRARY = /[\\/]pprof[\\/]out[\\/]src[\\/]time-profiler\.js$/
