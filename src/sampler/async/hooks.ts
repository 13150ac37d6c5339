/**
 * Node's and V8's hooks, as one. Where `async_hooks` can leave promises out (Node 24), V8's own
 * hooks tell of them, for a tenth of the price, and of those that are made only where somebody asks
 * for it.
 */
import { type AsyncHook, createHook, type HookCallbacks } from 'node:async_hooks'
import type { promiseHooks } from 'node:v8'

/** What is told. An exception would be an uncaught one of the app's. */
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
  readonly #events: HookEvents
  readonly #mayUseV8: boolean
  readonly #onPromise: (promise: object, parent?: object) => void
  #hook: AsyncHook | null = null
  /** Promises are told of by V8, and have no ids; null: they are told of by Node. */
  #ofV8: typeof promiseHooks | null = null
  #stop: (() => void) | null = null
  #stopMade: (() => void) | null = null

  /** `mayUseV8`: it is known whose a promise is that was not told of when it was made. */
  constructor(events: HookEvents, mayUseV8: boolean) {
    this.#events = events
    this.#mayUseV8 = mayUseV8
    // Known by its name in a captured stack: it is called right by what awaits.
    this.#onPromise = function promiseInitHook(promise, parent) {
      events.promiseMade(promise, parent)
    }
  }

  /** At the first time they are made: the first hook ever slows async code down for good. */
  enable(): void {
    this.#hook ??= this.#make()
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
    this.#hook?.disable()
    this.ignoreMade()
    this.#stop?.()
    this.#stop = null
  }

  /** Promises that are made are told of from now on. */
  watchMade(): void {
    if (this.#ofV8 === null || this.#stop === null) return
    this.#stopMade ??= this.#ofV8.onInit(this.#onPromise) as () => void
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
