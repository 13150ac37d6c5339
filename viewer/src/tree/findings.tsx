import { ROOT_STACK } from '../../../src/profile/builder.js'
import type { Profile } from '../../../src/profile/profile.js'
import type { FindingKind } from '../../../src/render/findings/candidates.js'
import { findingSteps } from '../../../src/render/findings/findings.js'
import type { Locate } from '../../../src/render/paths.js'
import { colourOf } from '../parts/account-colours.js'
import { useSteps } from '../use-steps.js'
import type { LinkTo } from './link.js'

interface FindingsProps {
  readonly profile: Profile
  readonly locate: Locate
  readonly linkTo: LinkTo
}

/** What stands out, in at most three sentences; each leads to its place in the tree. */
export function Findings({ profile, locate, linkTo }: FindingsProps) {
  const { value, isBusy } = useSteps(() => findingSteps(profile, locate), [profile])
  const findings = isBusy ? null : value
  if (!findings?.length) return null
  return (
    <ul class="findings" aria-label="What stands out">
      {findings.map(({ kind, text, stack }) => (
        <li key={text} class={`finding-${kind}`} style={{ '--mark': markOf(kind) }}>
          {stack === ROOT_STACK ? text : <a href={linkTo(stack)}>{text}</a>}
        </li>
      ))}
    </ul>
  )
}

// --- internal ---

function markOf(kind: FindingKind): string | undefined {
  if (kind === 'none') return undefined
  if (kind === 'queued' || kind === 'stall') return colourOf('blocked')
  return colourOf(kind === 'idle' ? 'await' : kind)
}
