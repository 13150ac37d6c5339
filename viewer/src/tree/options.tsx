import { useEffect, useState } from 'preact/hooks'
import type { ChangeSettings } from '../use-page-location.js'
import type { SettingsOf } from '../view-settings.js'

interface OptionsProps {
  readonly settings: SettingsOf<'tree'>
  readonly change: ChangeSettings<'tree'>
}

/**
 * What is left out and what is folded besides libraries: as `--threshold`, `--hide` and `--show` of
 * the command line.
 */
export function Options({ settings, change }: OptionsProps) {
  return (
    <div class="options">
      <span>
        <label for="option-min">Show</label>
        <select
          id="option-min"
          value={settings.threshold}
          onChange={(event) => {
            change({ threshold: THRESHOLDS[event.currentTarget.selectedIndex]![0] })
          }}
        >
          {THRESHOLDS.map(([share, text]) => (
            <option key={share} value={share}>
              {text}
            </option>
          ))}
        </select>
      </span>
      <Globs
        name="hide"
        label="Fold"
        placeholder="*/orm/*, render*"
        value={settings.hide}
        onChange={(hide) => change({ hide })}
      />
      <Globs
        name="show"
        label="Never fold"
        placeholder="*/node_modules/pg/*"
        value={settings.show}
        onChange={(show) => change({ show })}
      />
    </div>
  )
}

/** Is anything of this not as it is at first? */
export function hasOptions({ threshold, hide, show }: SettingsOf<'tree'>): boolean {
  return threshold !== 0 || hide !== '' || show !== ''
}

// --- internal ---

/** Shares under which calls may be left out. */
const THRESHOLDS = [
  [0, 'all calls'],
  [0.001, '0.1 % and more'],
  [0.01, '1 % and more'],
  [0.05, '5 % and more'],
] as const

interface GlobsProps {
  readonly name: string
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** Applied with Enter or when it is left: half a pattern means something else. */
function Globs({ name, label, placeholder, value, onChange }: GlobsProps) {
  // The page may be drawn again while somebody writes.
  const [written, setWritten] = useState(value)
  useEffect(() => setWritten(value), [value])
  return (
    <span>
      <label for={`option-${name}`}>{label}</label>
      <input
        id={`option-${name}`}
        class="globs"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder={placeholder}
        title="names or files, * for any text, a comma between patterns"
        value={written}
        onInput={(event) => setWritten(event.currentTarget.value)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </span>
  )
}
