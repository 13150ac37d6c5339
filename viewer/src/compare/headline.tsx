import type { DiffSide, ProfileDiff } from '../../../src/analysis/diff.js'
import { amount, counted } from '../../../src/render/measure.js'
import { changeText } from './change.js'

/** Both sides, and the change of a whole request. */
export function Headline({ diff }: { readonly diff: ProfileDiff }) {
  const { before, after, profile, stacks } = diff
  const verdict = stacks.verdict[0]!
  return (
    <header class="summary">
      <div class="headline">
        <h1>{changeText(after.perRequest - before.perRequest, profile.unit)} a request</h1>
        {verdict === 0 && before.perRequest !== after.perRequest && (
          <span class="cannot-tell">cannot tell: the noise is larger</span>
        )}
      </div>
      <p class="facts">
        before: {sideText(before, profile.unit)} · after: {sideText(after, profile.unit)}
      </p>
    </header>
  )
}

// --- internal ---

function sideText(
  { requests, samples, perRequest }: DiffSide,
  unit: ProfileDiff['profile']['unit'],
) {
  const looks = samples === null ? '' : `, ${counted(samples, 'sample')}`
  return `${amount(perRequest, unit)} (${counted(requests, 'request')}${looks})`
}
