/** What each context has asked for on a connection that several use at once. */
import { createTags } from './object-tags.js'
import type { RequestContext, Wait } from './waits.js'

/** What continues with the answer that is read from the handle; null: nothing known is asked. */
export function askedOn(handle: object, context: RequestContext): Wait | null {
  return asked.get(handle)?.get(context)?.wait ?? null
}

/** `round`: of several things that are asked between two answers, the first one counts. */
export function noteAsked(
  handle: object,
  context: RequestContext,
  round: number,
  make: Make,
): void {
  let onHandle = asked.get(handle)
  if (onHandle === null) {
    onHandle = new WeakMap()
    asked.set(handle, onHandle)
  }
  if (onHandle.get(context)?.round !== round) onHandle.set(context, { wait: make(), round })
}

// --- internal ---

type Make = () => Wait

const asked = createTags<WeakMap<RequestContext, { readonly wait: Wait; readonly round: number }>>()
