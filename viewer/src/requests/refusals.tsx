import { printable } from '../../../src/profile/printable.js'
import { counted } from '../../../src/render/measure.js'
import type { Refusal } from '../../../src/viewer-api/wire.js'

/** The files that could not be read, one line each. */
export function Refusals({ refusals }: { readonly refusals: readonly Refusal[] }) {
  if (refusals.length === 0) return null
  return (
    <details class="notice refusals" open={refusals.length <= 3}>
      <summary>{counted(refusals.length, 'file')} could not be read</summary>
      <ul>
        {refusals.map(({ file, reason }) => (
          <li key={file}>
            <bdi class="code">{printable(file)}</bdi> {printable(reason)}
          </li>
        ))}
      </ul>
    </details>
  )
}
