import { printable } from '../../../src/profile/printable.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'

/** Method and route, the method quieter; the file's name where there is no request. */
export function RouteName({ entry }: { readonly entry: IndexEntry }) {
  const request = entry.meta?.request
  if (!request) return <bdi>{printable(entry.file)}</bdi>
  return (
    <>
      <span class="method">{printable(request.method)}</span>{' '}
      <bdi>{printable(request.route) || '(no route)'}</bdi>
    </>
  )
}

/** The HTTP status, or that the client went away before it was sent. */
export function Status({ entry }: { readonly entry: IndexEntry }) {
  const request = entry.meta?.request
  if (!request) return <span class="quiet">{entry.meta?.kind ?? 'file'}</span>
  const family = request.status >= 500 ? 'bad' : request.status >= 400 ? 'poor' : 'good'
  if (request.aborted) return <span class="status status-poor">aborted</span>
  return <span class={`status status-${family}`}>{request.status || '–'}</span>
}
