import { executionAsyncResource } from 'node:async_hooks'
import { describeResource } from './describe-resource.js'
import { createTags } from './object-tags.js'
import type { Wait } from './waits.js'

/** What the callbacks of each resource continue; those of one without are nobody's. */
export const waits = createTags<Wait>()

/**
 * Makes the HTTP parser that is running now the context's from its next callback on, so that the
 * reading of the request's body is the request's. Any other resource may serve others as well and
 * is left alone.
 */
export function adoptParser(wait: Wait): () => void {
  const resource = executionAsyncResource()
  if (resource.constructor.name !== 'HTTPServerAsyncResource') return () => {}
  wait.what = describeResource(resource)
  waits.set(resource, wait)
  return () => {
    // Another request on the connection may have taken over.
    if (waits.get(resource) === wait) waits.set(resource, null)
  }
}
