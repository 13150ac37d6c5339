import { executionAsyncResource } from 'node:async_hooks'
import { captureStack, heldBy } from './capture-stack.js'
import { noteHost } from './describe-resource.js'
import { createTags } from './object-tags.js'
import { PendingOperations } from './pending.js'
import { Wait } from './waits.js'

/** What the callbacks of each resource continue; those of one without are nobody's. */
export const waits = createTags<Wait>()

/**
 * What a new resource's callbacks continue, by what made it, which has run since then, ms.
 * `isResumed`: code may go on with it.
 */
export function continueWith(
  resource: object,
  type: string,
  parent: Wait,
  since: number,
  isResumed: boolean,
): Wait {
  const { context } = parent
  // No history is needed: all its resources share its first wait.
  if (!context.follows) {
    waits.set(resource, parent)
    return parent
  }
  const wait = new Wait(context, heldBy(parent), parent.isByAnswer)
  wait.madeAt = since
  if (isResumed) captureStack(wait, isQuick(type))
  waits.set(resource, wait)
  if (type === 'TCPCONNECTWRAP') noteHost(resource, executionAsyncResource())
  if (PendingOperations.isOne(type)) context.pending.add(resource)
  if (type === 'HTTPCLIENTREQUEST') wait.isAsking = true
  if (type === 'Immediate' && (parent.cause ?? parent).isAsking) wait.giver = parent
  return wait
}

/**
 * Makes the HTTP parser that is running now the context's from its next callback on, so that the
 * reading of the request's body is the request's. Any other resource may serve others as well and
 * is left alone.
 */
export function adoptParser(root: Wait): () => void {
  const resource = executionAsyncResource()
  if (resource.constructor.name !== 'HTTPServerAsyncResource') return () => {}
  const wait = new Wait(root.context, root)
  wait.isEachTime = root.context.follows
  waits.set(resource, wait)
  return () => {
    // Another request on the connection may have taken over.
    if (waits.get(resource) === wait) waits.set(resource, null)
  }
}

// --- internal ---

/** What costs next to nothing by itself. */
function isQuick(type: string): boolean {
  return type === 'PROMISE' || type === 'TickObject'
}
