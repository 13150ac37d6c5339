import { describeResource, isConsequence } from './describe-resource.js'
import { HttpClients } from './http-clients.js'
import type { PendingOperations } from './pending.js'
import type { Wait } from './waits.js'

/**
 * What the event loop has just brought: the last callback that is not a consequence of another one,
 * and, where it is the answer to an HTTP request, that request. It names the waits that it ends.
 */
export class WaitCause {
  #resource: object | null = null
  #text: string | null = null
  #wait: Wait | null = null
  readonly #clients: HttpClients

  /**
   * `onAnswer` is told of the wait that turns out to have been for an HTTP request. `pendingNow`:
   * what whoever runs now has asked for, null if that is not kept.
   */
  constructor(onAnswer: (text: string) => void, pendingNow: () => PendingOperations | null) {
    this.#clients = new HttpClients((text) => {
      this.#text = text
      if (this.#wait?.context.follows) this.#wait.what = text
      onAnswer(text)
    }, pendingNow)
  }

  enable(): void {
    this.#clients.enable()
  }

  disable(): void {
    this.#clients.disable()
    this.#resource = null
    this.#text = null
    this.#wait = null
  }

  /** A callback begins; true if it is the loop itself that calls. */
  see(resource: object, wait: Wait | null): boolean {
    if (isConsequence(resource)) return false
    this.#resource = resource
    this.#wait = wait
    this.#text = null
    return true
  }

  /** Names the wait that has just ended. */
  name(wait: Wait): void {
    this.#text ??= this.#resource === null ? '' : describeResource(this.#resource)
    wait.what = this.#text
    if (this.#wait !== wait) wait.cause = this.#wait
  }
}
