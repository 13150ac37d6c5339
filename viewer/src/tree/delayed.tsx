import { printable } from '../../../src/printable.js'
import type { Profile } from '../../../src/profile/profile.js'
import { boundsText } from '../../../src/render/bounds.js'
import { boundsOfDelayed, delayedIn, moreText, waitersText } from '../../../src/render/stall.js'

/** Who waited for a stall. */
export function Delayed({ profile }: { readonly profile: Profile }) {
  const { shown, more } = delayedIn(profile)
  if (shown.length === 0) return null
  return (
    <div class="blame">
      <details class="card" open>
        <summary>{waitersText(profile.sources[0]!.stall!)}</summary>
        <ul>
          {shown.map((delayed, at) => (
            <li key={at}>
              <bdi>{printable(delayed.title)}</bdi>
              <span class="cost">{boundsText(boundsOfDelayed(delayed))}</span>
            </li>
          ))}
        </ul>
        {more > 0 && <p>{moreText(more, '…')}</p>}
      </details>
    </div>
  )
}
