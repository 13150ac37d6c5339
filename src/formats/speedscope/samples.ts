import { type ProfileBuilder, ROOT_STACK } from '../../profile/builder.js'
import type { FrameIndex, LabelSetIndex, StackIndex } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import { stackOf } from '../shared/stacks.js'

type Fields = Record<string, unknown>

export interface SpeedscopeTarget {
  readonly builder: ProfileBuilder
  readonly frames: readonly FrameIndex[]
  /** Factor from the file's unit to ours. */
  readonly scale: number
  readonly labelSet: LabelSetIndex
  readonly place: string
}

/** `samples: [[0, 1, 2], …]`, root first, and a weight for each. */
export function readSampled(profile: Fields, target: SpeedscopeTarget): void {
  const { samples, weights } = profile
  const { builder, labelSet, place } = target
  if (!Array.isArray(samples)) throw bad(`${place}.samples`, 'is not a list')
  if (!Array.isArray(weights)) throw bad(`${place}.weights`, 'is not a list')
  if (samples.length !== weights.length) {
    throw bad(place, `has ${samples.length} samples but ${weights.length} weights`)
  }
  const clock = new WholeClock(target.scale)
  for (let i = 0; i < samples.length; i++) {
    const frames: unknown = samples[i]
    if (!Array.isArray(frames)) throw bad(`${place}.samples[${i}]`, 'is not a list')
    const stack = stackOf(
      builder,
      frames.map((frame) => frameAt(frame, target, `samples[${i}]`)),
    )
    const weight: unknown = weights[i]
    if (typeof weight !== 'number' || !(weight >= 0)) throw bad(`${place}.weights[${i}]`, 'is bad')
    const whole = clock.advance(weight)
    if (!Number.isSafeInteger(whole)) throw bad(`${place}.weights[${i}]`, 'is too large')
    builder.sample(stack, whole, labelSet)
  }
}

/**
 * `events: [{ type: 'O', frame: 0, at: 3 }, …]`, in the order of time, every opened frame closed.
 * Time in no frame belongs to the root.
 */
export function readEvented(profile: Fields, target: SpeedscopeTarget): void {
  const { events, startValue, endValue } = profile
  const { builder, labelSet, place } = target
  if (!Array.isArray(events)) throw bad(`${place}.events`, 'is not a list')
  const clock = new WholeClock(target.scale)
  let time = timeOf(startValue, `${place}.startValue`)
  const open: { frame: FrameIndex; stack: StackIndex }[] = []
  const advance = (to: number, where: string) => {
    if (to < time) throw bad(where, 'goes back in time')
    const weight = clock.advance(to - time)
    if (!Number.isSafeInteger(weight)) throw bad(where, 'is too large')
    if (weight > 0) builder.sample(open.at(-1)?.stack ?? ROOT_STACK, weight, labelSet)
    time = to
  }
  for (let i = 0; i < events.length; i++) {
    const where = `${place}.events[${i}]`
    const event = events[i] as Fields | null
    const frame = frameAt(event?.frame, target, `events[${i}]`)
    advance(timeOf(event?.at, where), where)
    if (event?.type === 'O') {
      const parent = open.at(-1)?.stack
      const stack = parent === undefined ? stackOf(builder, [frame]) : builder.stack(parent, frame)
      open.push({ frame, stack })
    } else if (event?.type === 'C') {
      if (open.pop()?.frame !== frame)
        throw bad(where, 'closes a frame that is not the last opened')
    } else throw bad(where, 'neither opens nor closes a frame')
  }
  if (open.length > 0) throw bad(`${place}.events`, `leaves ${open.length} frames open`)
  const end = timeOf(endValue, `${place}.endValue`)
  if (end > time) advance(end, `${place}.endValue`)
}

// --- internal ---

/** Rounds points in time, not durations, so that the whole is right however small the parts are. */
class WholeClock {
  #time = 0
  #given = 0
  readonly #scale: number

  constructor(scale: number) {
    this.#scale = scale
  }

  advance(duration: number): number {
    this.#time += duration
    const until = Math.round(this.#time * this.#scale)
    const whole = until - this.#given
    this.#given = until
    return whole
  }
}

function frameAt(frame: unknown, { frames, place }: SpeedscopeTarget, where: string): FrameIndex {
  const index = typeof frame === 'number' ? frames[frame] : undefined
  if (index === undefined) throw bad(`${place}.${where}`, 'names a frame that is not in the file')
  return index
}

function timeOf(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(place, 'is not a time')
  return value
}
