import { useEffect, useMemo, useState } from 'preact/hooks'
import { ROOT_STACK } from '../../../src/profile/builder.js'
import type { Profile } from '../../../src/profile/profile.js'
import type { FindingKind } from '../../../src/render/findings/candidates.js'
import { type Finding, findingsOf } from '../../../src/render/findings/findings.js'
import type { Locate } from '../../../src/render/paths.js'
import { colourOf } from '../parts/account-colours.js'
import type { LinkTo } from './link.js'

interface FindingsProps {
  readonly profile: Profile
  readonly locate: Locate
  readonly linkTo: LinkTo
}

/** What stands out, in at most three sentences; each leads to its place in the tree. */
export function Findings({ profile, locate, linkTo }: FindingsProps) {
  const findings = useFindings(profile, locate)
  if (findings.length === 0) return null
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
  return colourOf(kind === 'idle' ? 'await' : kind === 'queued' ? 'blocked' : kind)
}

/** From here on the tree is shown first. */
const LARGE = 200_000

function useFindings(profile: Profile, locate: Locate): readonly Finding[] {
  const isLarge = profile.samples.stack.length + profile.stacks.frame.length > LARGE
  const [late, setLate] = useState<readonly Finding[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rest follows from the profile
  useEffect(() => {
    setLate([])
    if (!isLarge) return
    const timer = setTimeout(() => setLate(findingsOf(profile, locate)), LATER_MS)
    return () => clearTimeout(timer)
  }, [profile])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rest follows from the profile
  const now = useMemo(() => (isLarge ? [] : findingsOf(profile, locate)), [profile])
  return isLarge ? late : now
}

const LATER_MS = 100
