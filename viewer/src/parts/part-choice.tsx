import { useMemo } from 'preact/hooks'
import { printable } from '../../../src/printable.js'
import { partName } from '../../../src/profile/labels.js'
import type { Profile } from '../../../src/profile/profile.js'
import { counted, percent } from '../../../src/render/measure.js'
import { partColumns, partsOf } from '../../../src/render/parts.js'

interface PartChoiceProps {
  readonly profile: Profile
  /** By its name; '' for all of them together. */
  readonly part: string
  readonly onChange: (part: string) => void
}

/** The threads, processes or files of a profile that holds several, the busiest first. */
export function PartChoice({ profile, part, onChange }: PartChoiceProps) {
  const parts = useMemo(() => partsOf(profile), [profile])
  if (parts.length === 0) return null
  return (
    <p class="part-choice">
      <label>
        Of {counted(parts.length, partColumns(parts)[0]!.head)}{' '}
        <select value={part} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">all of them together</option>
          {parts.map(({ labels, share }) => {
            const name = partName(labels)
            return (
              <option key={name} value={name}>
                {printable(name)}, busy {percent(share)}
              </option>
            )
          })}
        </select>
      </label>
    </p>
  )
}
