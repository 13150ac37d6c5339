import { Choice } from './choice.js'
import type { Scale } from './figures.js'

type UnitOfTimes = 'absolute' | 'percent'

interface UnitChoiceProps {
  /** How times are written when they are not shares. */
  readonly absolute: Scale
  readonly unit: UnitOfTimes
  readonly onChange: (unit: UnitOfTimes) => void
}

/** Times, or shares of the whole. */
export function UnitChoice({ absolute, unit, onChange }: UnitChoiceProps) {
  return (
    <Choice
      label="Times as"
      value={unit}
      options={[
        ['absolute', absolute.label],
        ['percent', '%'],
      ]}
      onChange={onChange}
    />
  )
}
