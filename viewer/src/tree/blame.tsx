import { useMemo, useState } from 'preact/hooks'
import { blockedBy, type Culprit } from '../../../src/analysis/blame.js'
import type { CostToOthers } from '../../../src/analysis/cost-to-others.js'
import { printable } from '../../../src/printable.js'
import type { Profile } from '../../../src/profile/profile.js'
import { boundsOf, boundsText } from '../../../src/render/bounds.js'
import { counted, percent } from '../../../src/render/measure.js'
import type { Locate } from '../../../src/render/paths.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { isKnown, useCosts } from '../data/costs.js'
import { writeLocation } from '../page-location.js'
import type { LinkTo } from './link.js'

interface BlameProps {
  /** The whole index: whom a route held up is in the others' recordings. */
  readonly all: readonly IndexEntry[]
  readonly profile: Profile
  /** Of all that is looked at; '' where it is several or none. */
  readonly route: string
  readonly locate: Locate
  readonly linkTo: LinkTo
}

/** Who made this wait, and whom it made wait. */
export function Blame({ all, profile, route, locate, linkTo }: BlameProps) {
  const culprits = useMemo(
    () => (profile.unit === 'microseconds' ? blockedBy(profile) : []),
    [profile],
  )
  if (culprits.length === 0 && route === '') return null
  return (
    <div class="blame">
      {culprits.length > 0 && <BlockedBy {...{ culprits, profile, locate, linkTo }} />}
      {route !== '' && <CostCard all={all} route={route} />}
    </div>
  )
}

// --- internal ---

interface BlockedByProps {
  readonly culprits: readonly Culprit[]
  readonly profile: Profile
  readonly locate: Locate
  readonly linkTo: LinkTo
}

function BlockedBy({ culprits, profile, locate, linkTo }: BlockedByProps) {
  const [first, ...others] = culprits
  return (
    <details class="card">
      <summary>
        {leadOf(first!)} <bdi class="culprit-name">{printable(first!.title)}</bdi>
        {others.length > 0 && ` and ${counted(others.length, 'other')}`}
      </summary>
      <ul>
        {culprits.slice(0, MOST).map(({ title, micros, upToMicros, share, stack, hotspot }) => (
          <li key={stack}>
            <a href={linkTo(stack)}>
              <bdi>{printable(title)}</bdi>
            </a>
            <span class="cost">
              {boundsText(boundsOf(micros, upToMicros))} <small>{percent(share)}</small>
            </span>
            {hotspot && (
              <a class="quiet" href={linkTo(hotspot.stack)}>
                {printable(profile.frames[hotspot.frame]!.name)}{' '}
                <span class="where">{printable(locate(profile.frames[hotspot.frame]!))}</span>
              </a>
            )}
          </li>
        ))}
      </ul>
      {culprits.length > MOST && <p>and {counted(culprits.length - MOST, 'other')}</p>}
    </details>
  )
}

const MOST = 10

/** Only what delayed it for certain is said to have blocked it. */
function leadOf({ isForeign, micros, upToMicros }: Culprit): string {
  if (isForeign) return 'Ran while it waited:'
  return upToMicros < micros ? 'Blocked by' : 'Perhaps blocked by'
}

function CostCard({ all, route }: { readonly all: readonly IndexEntry[]; readonly route: string }) {
  const [open, setOpen] = useState(false)
  return (
    <details class="card" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Cost of <bdi>{printable(route)}</bdi> to others
      </summary>
      {open && <Cost all={all} route={route} />}
    </details>
  )
}

/** Mounted when it is opened: it reads all recordings there are. */
function Cost({ all, route }: { readonly all: readonly IndexEntry[]; readonly route: string }) {
  const { state, work } = useCosts(all)
  const recordings = all.filter(({ meta }) => meta !== null).length
  if (state === 'working') return <p role="status">Reading all recordings…</p>
  if (state === 'large') {
    return (
      <p>
        It is in {counted(recordings, 'recording')} of others, which take a while to read.{' '}
        <button type="button" class="plain link" onClick={work}>
          Read them all
        </button>
      </p>
    )
  }
  if (!isKnown(state)) return <p role="status">It cannot be told: {state.error}</p>
  const cost = state.costs.find(({ culprit }) => culprit === route)
  return (
    <>
      {cost ? <Victims cost={cost} /> : <p>No other request waited for it, as far as is known.</p>}
      <p>
        As far as others were profiled: {counted(state.count, 'recording')}.
        {state.count !== recordings && (
          <button type="button" class="plain link" onClick={work}>
            Read again
          </button>
        )}
      </p>
    </>
  )
}

function Victims({ cost }: { readonly cost: CostToOthers }) {
  return (
    <ul>
      {cost.victims.slice(0, MOST).map(({ route, micros, upToMicros, requests }) => (
        <li key={route}>
          <a href={writeLocation({ view: 'tree', selection: { by: 'route', route } })}>
            <bdi>{printable(route)}</bdi>
          </a>
          <span class="cost">{boundsText(boundsOf(micros, upToMicros))}</span>
          <span class="quiet">in {counted(requests, 'request')}</span>
        </li>
      ))}
    </ul>
  )
}
