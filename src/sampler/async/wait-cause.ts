import { BACKGROUND } from '../window.js'
import { askedOn } from './asked.js'
import { childProcesses } from './child-processes.js'
import { describeResource, isConsequence } from './describe-resource.js'
import { HttpClients } from './http-clients.js'
import type { PendingOperations } from './pending.js'
import type { RequestContext, Wait } from './waits.js'

/**
 * What the event loop has just brought: the last callback that is not a consequence of another one,
 * and, where it is the answer to an HTTP request, that request. It names the waits that it ends.
 */
export class WaitCause {
  #resource: object | null = null
  #text: string | null = null
  #wait: Wait | null = null
  readonly #clients: HttpClients
  readonly #brought = new Map<RequestContext, string>()

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
    childProcesses.enable()
  }

  disable(): void {
    this.#clients.disable()
    childProcesses.disable()
    this.#resource = null
    this.#text = null
    this.#wait = null
    this.#brought.clear()
  }

  /** A callback begins; true if it is the loop itself that calls. */
  see(resource: object, wait: Wait | null): boolean {
    if (isConsequence(resource)) return false
    this.#resource = resource
    this.#wait = wait
    this.#text = null
    if (this.#brought.size > 0) this.#brought.clear()
    return true
  }

  /** Names the wait that has just ended. */
  name(wait: Wait): void {
    if (this.#isNothing(wait)) return
    this.#text ??= this.#resource === null ? '' : describeResource(this.#resource)
    wait.what = this.#brought.get(wait.context) ?? this.#text
    const cause = this.#causeOf(wait)
    if (cause !== wait) wait.cause = cause
  }

  /**
   * In this callback the context gets what it has waited for, whatever else comes of it. Of several
   * answers in one, the first is what it has waited for longest.
   */
  brings(context: RequestContext, text: string): void {
    if (!this.#brought.has(context)) this.#brought.set(context, text)
  }

  /** The same where the callback, too, is nothing but the answer to what the context has asked. */
  answers(context: RequestContext, text: string): void {
    this.brings(context, text)
    if (this.#wait?.context === context) this.#wait.what = this.#brought.get(context)!
  }

  // --- internal ---

  /** A whole program does not wait for a timer that would not keep it alive. */
  #isNothing(wait: Wait): boolean {
    if (wait.id !== BACKGROUND || wait !== this.#wait) return false
    const { _idleTimeout, hasRef } = this.#resource as Timer
    return _idleTimeout !== undefined && hasRef?.call(this.#resource) === false
  }

  /** A connection that several use brings each what it has asked for. */
  #causeOf({ context }: Wait): Wait | null {
    if (this.#resource === null || this.#wait?.context === context) return this.#wait
    return askedOn(this.#resource, context) ?? this.#wait
  }
}

// --- internal ---

interface Timer {
  readonly _idleTimeout?: number
  readonly hasRef?: () => boolean
}
