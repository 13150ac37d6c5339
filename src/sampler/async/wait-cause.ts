import { answerNumberOn } from './answers.js'
import { askedOn } from './asked.js'
import { childProcesses, processOf } from './child-processes.js'
import { describeResource, isConsequence } from './describe-resource.js'
import { HttpClients } from './http-clients.js'
import { createTags } from './object-tags.js'
import { waits } from './resource-waits.js'
import { type RequestContext, Wait } from './waits.js'

/**
 * What the event loop has just brought: the last callback that is not a consequence of another one,
 * and, where it is the answer to an HTTP request, that request. It names the waits that it ends.
 *
 * Who gets an answer may hand it on by an immediate, which waits for nothing but its turn:
 *
 *     waits ──────────────── answer ─ immediate ─ goes on     it has waited for the answer
 *     makes an immediate ──────────── immediate ─ goes on     it has waited for the immediate
 */
export class WaitCause {
  #last = newCause(null, null, 0, 0, null)
  readonly #makers = createTags<Cause>()
  readonly #clients: HttpClients

  /** `followed`: what runs now, if what that has asked for is kept. */
  constructor(followed: () => Wait | null) {
    this.#clients = new HttpClients(
      (text) => {
        const { wait } = this.#last
        this.#last.text = text
        if (wait?.context.follows) wait.what = text
        const running = followed()
        // It has waited for that very request.
        if (running !== null) running.what = text
      },
      () => followed()?.context.pending ?? null,
    )
  }

  enable(): void {
    this.#clients.enable()
    childProcesses.enable()
  }

  disable(): void {
    this.#clients.disable()
    childProcesses.disable()
    this.#last = newCause(null, null, 0, 0, null)
  }

  /**
   * What the callback continues that begins now, of a resource each callback of which is a wait of
   * its own; in one turn of the loop, several are one arrival.
   */
  eachTime(resource: object, tag: Wait, running: Wait | null, turn: number): Wait {
    if (running?.context === tag.context) return running
    const { resource: before, wait, turn: turnBefore } = this.#last
    if (resource === before && turn === turnBefore && wait !== null) return wait
    return new Wait(tag.context, tag)
  }

  /** A callback begins; true if it is the loop itself that calls, for something new. */
  see(resource: object, wait: Wait | null, at: number, turn: number): boolean {
    if (isConsequence(resource)) return false
    if (wait !== null && wait === this.#last.wait && wait.parent?.isEachTime) return false
    this.#last = newCause(resource, wait, at, turn, this.#makers.get(resource))
    return true
  }

  /** What runs now makes an immediate. */
  makes(immediate: object): void {
    this.#makers.set(immediate, this.#last)
  }

  /** Names the wait that has just ended; a callback of an earlier turn has not ended it. */
  name(wait: Wait, turn: number): void {
    if (turn !== this.#last.turn || isNothing(wait, this.#last)) return
    const { context } = wait
    const cause = causeFor(context, this.#last)
    cause.text ??= cause.resource === null ? '' : describeResource(cause.resource)
    wait.what = cause.brought?.get(context) ?? cause.text
    const asked = askedIn(cause, context)
    if (asked !== wait) wait.cause = asked
    // Who has asked is not known: the connection tells what is one answer.
    if (cause.resource !== null && asked?.context !== context)
      wait.answer = answerNumberOn(cause.resource)
  }

  /**
   * In this callback the context gets what it has waited for, whatever else comes of it. Of several
   * answers in one, the first is what it has waited for longest.
   */
  brings(context: RequestContext, text: string): void {
    const last = this.#last
    last.brought ??= new Map()
    if (!last.brought.has(context)) last.brought.set(context, text)
  }

  /** The same where the callback, too, is nothing but the answer to what the context has asked. */
  answers(context: RequestContext, text: string): void {
    this.brings(context, text)
    const { wait, brought } = this.#last
    if (wait?.context === context) wait.what = brought!.get(context)!
  }
}

// --- internal ---

interface Timer {
  readonly _idleTimeout?: number
  readonly hasRef?: () => boolean
}

/** A callback of the loop. */
interface Cause {
  readonly resource: object | null
  readonly wait: Wait | null
  readonly at: number
  /** Of the loop. */
  readonly turn: number
  /** In which an immediate was made that is this callback. */
  readonly maker: Cause | null
  /** How many of those there are, one behind another. */
  readonly makers: number
  text: string | null
  brought: Map<RequestContext, string> | null
}

/** Who makes one immediate after another is not remembered for ever. */
const MOST_MAKERS = 16

function newCause(
  resource: object | null,
  wait: Wait | null,
  at: number,
  turn: number,
  maker: Cause | null,
): Cause {
  const known = maker !== null && maker.makers < MOST_MAKERS ? maker : null
  const makers = known === null ? 0 : known.makers + 1
  return { resource, wait, at, turn, maker: known, makers, text: null, brought: null }
}

/** What made the last callback possible, if it came while the context was waiting. */
function causeFor({ ranAt }: RequestContext, last: Cause): Cause {
  let cause = last
  while (cause.maker !== null && cause.maker.at > ranAt) cause = cause.maker
  return cause
}

/** A connection that several use brings each what it has asked for. */
function askedIn({ resource, wait }: Cause, context: RequestContext): Wait | null {
  if (resource !== null && processOf(resource) !== resource) return waits.get(processOf(resource))
  if (resource === null || wait?.context === context) return wait
  return askedOn(resource, context) ?? wait
}

/**
 * A whole program does not wait for a timer that would not keep it alive, and its requests leave
 * some of Node's behind.
 */
function isNothing(wait: Wait, last: Cause): boolean {
  if (!wait.context.captures.isOfProgram || wait !== last.wait) return false
  const { _idleTimeout, hasRef } = last.resource as Timer
  return _idleTimeout !== undefined && hasRef?.call(last.resource) === false
}
