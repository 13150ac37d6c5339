/**
 * Node's and V8's hooks, as one. Where `async_hooks` can leave promises out (Node 24), V8's own
 * hooks tell of them, for a tenth of the price, and of those that are made only where somebody asks
 * for it.
 */
import { type AsyncHook, createHook, type HookCallbacks } from 'node:async_hooks'
import type { promiseHooks } from 'node:v8'
import { hasLeft, whenLeaving } from '../visit.js'

/** What is told; what they throw is counted, and nothing else comes of it. */
export interface HookEvents {
  made(id: number, type: string, trigger: number, resource: object): void
  before(): void
  after(): void
  /** Of a promise with an id. */
  settled(id: number): void
  /** Of V8; `parent`: the promise that this one follows from. */
  promiseMade(promise: object, parent: object | undefined): void
  promiseGoesOn(promise: object): void
  promiseSettled(promise: object): void
}

export class Hooks {
  /** Events that were not noted. */
  readonly failed = { count: 0 }
  readonly #events: HookEvents
  readonly #mayUseV8: boolean
  #hook: AsyncHook | null = null
  /** Promises are told of by V8, and have no ids; null: they are told of by Node. */
  #ofV8: typeof promiseHooks | null = null
  #stop: (() => void) | null = null
  #stopMade: (() => void) | null = null
  #forget = (): void => {}

  /** `mayUseV8`: it is known whose a promise is that was not told of when it was made. */
  constructor(events: HookEvents, mayUseV8: boolean) {
    this.#events = quietly(events, this.failed)
    this.#mayUseV8 = mayUseV8
  }

  /** At the first time they are made: the first hook ever slows async code down for good. */
  enable(): void {
    if (hasLeft()) return
    this.#hook ??= this.#make()
    this.#forget = whenLeaving(() => this.disable())
    this.#hook.enable()
    if (this.#ofV8 === null) return
    const { promiseGoesOn, after, promiseSettled } = this.#events
    this.#stop = this.#ofV8.createHook({
      before: promiseGoesOn,
      after,
      settled: promiseSettled,
    }) as () => void
  }

  disable(): void {
    this.#forget()
    this.#hook?.disable()
    this.ignoreMade()
    this.#stop?.()
    this.#stop = null
  }

  /** Promises that are made are told of from now on. */
  watchMade(): void {
    if (this.#ofV8 === null || this.#stop === null) return
    this.#stopMade ??= this.#ofV8.onInit(this.#events.promiseMade) as () => void
  }

  ignoreMade(): void {
    this.#stopMade?.()
    this.#stopMade = null
  }

  // --- internal ---

  #make(): AsyncHook {
    const { made: init, before, after, settled: promiseResolve } = this.#events
    if (!this.#mayUseV8 || !canHidePromises()) {
      return newHook({ init, before, after, promiseResolve }, true)
    }
    this.#ofV8 = process.getBuiltinModule('node:v8').promiseHooks
    return newHook({ init, before, after }, false)
  }
}

// --- internal ---

/**
 * In a hook of Node's an exception ends the process, and one of V8's is thrown where the app
 * awaits. One function for each, so that V8 inlines what it calls; where the app has recursed to
 * the end of the stack, nothing can be called any more to tell of it.
 */
function quietly(events: HookEvents, failed: { count: number }): HookEvents {
  return {
    made(id, type, trigger, resource) {
      try {
        events.made(id, type, trigger, resource)
      } catch {
        failed.count++
      }
    },
    before() {
      try {
        events.before()
      } catch {
        failed.count++
      }
    },
    after() {
      try {
        events.after()
      } catch {
        failed.count++
      }
    },
    settled(id) {
      try {
        events.settled(id)
      } catch {
        failed.count++
      }
    },
    // Known by its name in a captured stack: it is called right by what awaits.
    promiseMade: function promiseInitHook(promise, parent) {
      try {
        events.promiseMade(promise, parent)
      } catch {
        failed.count++
      }
    },
    promiseGoesOn(promise) {
      try {
        events.promiseGoesOn(promise)
      } catch {
        failed.count++
      }
    },
    promiseSettled(promise) {
      try {
        events.promiseSettled(promise)
      } catch {
        failed.count++
      }
    },
  }
}

/** What Node does not know yet it does not look at. */
function newHook(callbacks: HookCallbacks, trackPromises: boolean): AsyncHook {
  return createHook({ ...callbacks, trackPromises } as HookCallbacks)
}

/** Whether `async_hooks` can be had without promises. */
function canHidePromises(): boolean {
  let seen = false
  const init = (_id: number, type: string) => {
    if (type === 'PROMISE') seen = true
  }
  const hook = newHook({ init }, false).enable()
  void Promise.resolve()
  hook.disable()
  return !seen
}
