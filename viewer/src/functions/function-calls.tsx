import type { CallTime } from '../../../src/analysis/callers-callees.js'
import { printable } from '../../../src/printable.js'
import { frameKind } from '../../../src/profile/frames.js'
import type { FrameIndex } from '../../../src/profile/profile.js'
import { counted } from '../../../src/render/measure.js'
import type { Scale } from '../parts/figures.js'
import { FrameName } from '../parts/frame-name.js'
import type { FunctionsModel } from './functions-model.js'

interface CallsProps {
  readonly title: string
  readonly times: readonly CallTime[]
  readonly model: FunctionsModel
  readonly scale: Scale
  readonly onSelect: (frame: FrameIndex) => void
}

/** Functions beside the selected one, each with the time that they share. */
export function Calls({ title, times, model, scale, onSelect }: CallsProps) {
  const { frames } = model.profile
  const rest = times.slice(MOST_SHOWN)
  const hasInTheWay = times.some(({ inTheWay }) => inTheWay !== 0)
  const timesOf = (time: Pick<CallTime, 'weight' | 'inTheWay'>) => (
    <>
      <span class="call-time">{time.weight !== 0 && scale.write(time.weight)}</span>
      {hasInTheWay && (
        <span class="call-time" title="in the way">
          {time.inTheWay !== 0 && scale.write(time.inTheWay)}
          {time.inTheWay !== 0 && <span class="unseen"> in the way,</span>}
        </span>
      )}
    </>
  )
  return (
    <section class={`function-calls${hasInTheWay ? ' with-others' : ''}`} aria-label={title}>
      <h3>
        {title} <span class="quiet">{scale.label}</span>
      </h3>
      {times.length === 0 && <p class="quiet">none</p>}
      {hasInTheWay && (
        <p class="call-heads quiet" aria-hidden="true">
          <span class="call-time">total</span>
          <span class="call-time">in the way</span>
        </p>
      )}
      <ul>
        {times.slice(0, MOST_SHOWN).map((time) => (
          <li key={time.frame}>
            {timesOf(time)}
            {frameKind(frames[time.frame]!) === 'root' ? (
              <span class="quiet">nothing: the stack begins here</span>
            ) : (
              <CallButton model={model} function_={time.frame} onSelect={onSelect} />
            )}
          </li>
        ))}
        {rest.length > 0 && (
          <li>
            {timesOf({
              weight: rest.reduce((sum, { weight }) => sum + weight, 0),
              inTheWay: rest.reduce((sum, { inTheWay }) => sum + inTheWay, 0),
            })}
            <span class="quiet">{counted(rest.length, 'other')}</span>
          </li>
        )}
      </ul>
    </section>
  )
}

// --- internal ---

/** More of them are summed up. */
const MOST_SHOWN = 30

interface CallButtonProps extends Pick<CallsProps, 'model' | 'onSelect'> {
  readonly function_: FrameIndex
}

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
