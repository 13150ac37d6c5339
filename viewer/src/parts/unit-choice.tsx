import type { Settings } from '../place.js'
import type { ChangeSettings } from '../use-place.js'
import type { Scale } from './figures.js'
import { Choice } from './switch.js'

interface UnitChoiceProps {
  /** How times are written when they are not shares. */
  readonly absolute: Scale
  readonly settings: Settings
  readonly change: ChangeSettings
}

/** Times, or shares of the whole. */
export function UnitChoice({ absolute, settings, change }: UnitChoiceProps) {
  return (
    <Choice
      label="Times as"
      value={settings.unit === 'percent' ? 'percent' : 'absolute'}
      options={[
        ['absolute', absolute.label],
        ['percent', '%'],
      ]}
      onChange={(value) => change({ unit: value === 'percent' ? value : '' })}
    />
  )
}
