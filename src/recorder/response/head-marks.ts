/**
 * What is to be done with the arguments of `writeHead` right before a response's head is made.
 * Nothing is laid over the response, where its app would see it: Node's own method is patched, with
 * the first response that needs it and for good, since V8 forgets what it knows of all responses
 * whenever that changes.
 */

import { apply, type Method, MethodPatch } from '../../sampler/async/method-patch.js'
import { createTags } from '../../sampler/async/object-tags.js'
import type { OutgoingResponse } from '../request.js'

/** Gives the arguments to use; called again if `writeHead` has thrown. Must not throw. */
export type BeforeHead = (args: readonly unknown[]) => readonly unknown[]

export function beforeHead(response: OutgoingResponse, before: BeforeHead): void {
  const owner = ownerOf(response)
  // Not of Node, but made by hand: it is left as it is.
  if (owner === null) return
  waiting.set(response, before)
  if (Object.hasOwn(response, 'writeHead')) layOver(response)
  else if (!patches.has(owner)) {
    const patch = new MethodPatch(owner, 'writeHead', around)
    patches.set(owner, patch)
    patch.install()
  }
}

// --- internal ---

const waiting = createTags<BeforeHead>()
const patches = new WeakMap<object, MethodPatch>()

/** Where Node has it, of the prototypes of the response; frameworks may have their own below. */
function ownerOf(response: object): object | null {
  let owner: object | null = null
  for (let at = Object.getPrototypeOf(response); at !== null; at = Object.getPrototypeOf(at))
    if (Object.hasOwn(at, 'writeHead')) owner = at
  return owner
}

function around(original: Method): Method {
  return function writeHead(...args) {
    const before = waiting.get(this)
    if (before === null) return apply(original, this, args)
    // Whoever is called next may call Node's method, which is ours as well.
    waiting.set(this, null)
    try {
      return apply(original, this, before(args))
    } catch (error) {
      waiting.set(this, before)
      throw error
    }
  }
}

/** Somebody has laid theirs over the response, who may have kept the method that was not ours. */
function layOver(response: OutgoingResponse): void {
  const theirs = response.writeHead
  const ours = around(theirs as unknown as Method)
  response.writeHead = function (this: OutgoingResponse, ...args: unknown[]) {
    const result = apply(ours, response, args)
    if (response.writeHead === patched) response.writeHead = theirs
    return result
  } as typeof theirs
  const patched = response.writeHead
}
