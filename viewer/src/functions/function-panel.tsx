import { useMemo } from 'preact/hooks'
import { callersAndCallees } from '../../../src/analysis/callers-callees.js'
import { printable } from '../../../src/printable.js'
import { frameKind } from '../../../src/profile/frames.js'
import type { FrameIndex, Profile } from '../../../src/profile/profile.js'
import { amount, counted, errorPercent, percent } from '../../../src/render/measure.js'
import type { Selection } from '../../../src/viewer-api/wire.js'
import { type Scale, shareOf } from '../parts/figures.js'
import { FrameName } from '../parts/frame-name.js'
import { Calls } from './function-calls.js'
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
      {table.inTheWay[function_] !== 0 && (
        <>
          <dt title="what it ran for others while this waited">In the way</dt>
          <dd>
            {write(table.inTheWay[function_]!)}
            {table.inTheWaySelf[function_] !== 0 &&
              `; itself ${write(table.inTheWaySelf[function_]!)}`}
          </dd>
        </>
      )}
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
