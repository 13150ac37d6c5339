import { printable } from '../../../src/printable.js'
import { statusOf } from '../../../src/profile/labels.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { nameOf } from './entry-name.js'

/** Method and route, the method quieter; its name where there is no request. */
export function RouteName({ entry }: { readonly entry: IndexEntry }) {
  const request = entry.meta?.request
  if (!request) return <bdi>{printable(nameOf(entry))}</bdi>
  return (
    <>
      <span class="method">{printable(request.method)}</span>{' '}
      <bdi>{printable(request.route) || '(no route)'}</bdi>
    </>
  )
}

/** How a request ended; of another recording, its kind. */
export function Status({ entry: { meta } }: { readonly entry: IndexEntry }) {
  if (!meta?.request) return <span class="quiet">{meta?.kind ?? 'file'}</span>
  const { status, aborted } = meta.request
  const family = status >= 500 ? 'bad' : status >= 400 || aborted ? 'poor' : 'good'
  return <span class={`status status-${family}`}>{statusOf(meta) || '–'}</span>
}
