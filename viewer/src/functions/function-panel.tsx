import { useMemo } from 'preact/hooks'
import { type CallTime, callersAndCallees } from '../../../src/analysis/callers-callees.js'
import { frameKind } from '../../../src/profile/frames.js'
import { printable } from '../../../src/profile/printable.js'
import type { FrameIndex, Profile } from '../../../src/profile/profile.js'
import { amount, counted, errorPercent, percent } from '../../../src/render/measure.js'
import type { Selection } from '../../../src/viewer-api/wire.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { FrameName } from '../parts/frame-name.js'
import { FunctionSource } from './function-source.js'
import type { FunctionsModel } from './functions-model.js'
import { sampledSelf } from './sampled-self.js'

interface FunctionPanelProps {
  readonly model: FunctionsModel
  /** The profile without the range of time. */
  readonly whole: Profile
  readonly selection: Selection
  readonly function_: FrameIndex
  readonly scale: Scale
  readonly onSelect: (frame: FrameIndex) => void
  readonly onClose: () => void
}

/** One function: its time, who called it, what it called, and its text. */
export function FunctionPanel(props: FunctionPanelProps) {
  const { model, whole, selection, function_, scale, onSelect, onClose } = props
  const { profile, locationOf } = model
  const frame = profile.frames[function_]!
  const { callers, callees } = useMemo(
    () => callersAndCallees(profile, function_),
    [profile, function_],
  )
  return (
    <aside class="function-panel" aria-label="The selected function">
      <header class={`kind-${frameKind(frame)}`}>
        <h2>
          <FrameName frame={frame} />
        </h2>
        <button type="button" class="plain" title="Close (Esc)" onClick={onClose}>
          Close
        </button>
        <p class="function-place">
          <bdi>{printable(locationOf(frame))}</bdi>
        </p>
      </header>
      <Times model={model} whole={whole} function_={function_} />
      <Calls title="Callers" times={callers} model={model} scale={scale} onSelect={onSelect} />
      <Calls title="Callees" times={callees} model={model} scale={scale} onSelect={onSelect} />
      {frame.file !== '' && frame.line > 0 && (
        <FunctionSource selection={selection} file={frame.file} line={frame.line} />
      )}
    </aside>
  )
}

// --- internal ---

/** More of them are summed up. */
const MOST_SHOWN = 30

interface TimesProps {
  readonly model: FunctionsModel
  readonly whole: Profile
  readonly function_: FrameIndex
}

function Times({ model, whole, function_ }: TimesProps) {
  const { profile, table } = model
  const sampled = useMemo(() => sampledSelf(whole, profile, function_), [whole, profile, function_])
  const write = (weight: number) =>
    `${amount(weight, profile.unit)}, ${percent(shareOf(weight, model.whole))}`
  return (
    <dl class="function-times">
      <dt>Self</dt>
      <dd>{write(table.self[function_]!)}</dd>
      <dt>Total</dt>
      <dd>{write(table.total[function_]!)}</dd>
      {sampled && (
        <>
          <dt>Sampling error</dt>
          <dd title="with 95 % confidence">
            ± {errorPercent(sampled.error)}: {percent(sampled.share)} of the time sampled, by{' '}
            {counted(sampled.samples, 'sample')}
          </dd>
        </>
      )}
    </dl>
  )
}

interface CallsProps {
  readonly title: string
  readonly times: readonly CallTime[]
  readonly model: FunctionsModel
  readonly scale: Scale
  readonly onSelect: (frame: FrameIndex) => void
}

function Calls({ title, times, model, scale, onSelect }: CallsProps) {
  const { frames } = model.profile
  const rest = times.slice(MOST_SHOWN)
  return (
    <section class="function-calls" aria-label={title}>
      <h3>
        {title} <span class="quiet">{scale.label}</span>
      </h3>
      {times.length === 0 && <p class="quiet">none</p>}
      <ul>
        {times.slice(0, MOST_SHOWN).map(({ frame, weight }) => (
          <li key={frame}>
            <span class="call-time">{scale.write(weight)}</span>
            {frameKind(frames[frame]!) === 'root' ? (
              <span class="quiet">nothing: the stack begins here</span>
            ) : (
              <CallButton model={model} function_={frame} onSelect={onSelect} />
            )}
          </li>
        ))}
        {rest.length > 0 && (
          <li>
            <span class="call-time">
              {scale.write(rest.reduce((sum, { weight }) => sum + weight, 0))}
            </span>
            <span class="quiet">{counted(rest.length, 'other')}</span>
          </li>
        )}
      </ul>
    </section>
  )
}

type CallButtonProps = Pick<FunctionPanelProps, 'model' | 'function_' | 'onSelect'>

function CallButton({ model, function_, onSelect }: CallButtonProps) {
  const frame = model.profile.frames[function_]!
  return (
    <button
      type="button"
      class={`call kind-${frameKind(frame)}`}
      onClick={() => onSelect(function_)}
    >
      <FrameName frame={frame} />
      <span class="location">
        <bdi>{printable(model.locationOf(frame))}</bdi>
      </span>
    </button>
  )
}
