import { type ProfileBuilder, ROOT_FRAME, ROOT_STACK } from '../../profile/builder.js'
import { Float64Column, Int32Column } from '../../profile/columns.js'
import { PairTable } from '../../profile/pair-table.js'
import type { FrameIndex, SampleTable } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import type { JsonScanner } from '../shared/json-scanner.js'
import { readIndexes } from './indexes.js'
import type { SpeedscopeMembers } from './members.js'

/**
 * The samples of a file. Its frames may come behind them: until then stacks are of the numbers of
 * frames, as the file has them.
 */
export class SpeedscopeSamples {
  /** Of the file, once they have been read. */
  frameCount = Number.POSITIVE_INFINITY
  /** Pairs of parent and frame; the first is the root. */
  readonly #stacks = new PairTable()
  readonly #stack = new Int32Column()
  readonly #weight = new Float64Column()
  /** Of each sample its profile. */
  readonly #profile = new Int32Column()

  constructor() {
    this.#stacks.intern(ROOT_STACK, -1)
  }

  /** `[[0, 1, 2], …]`, root first, as a column of stacks. */
  readStacks(scanner: JsonScanner, place: string): Int32Column {
    const stacks = new Int32Column()
    const path = new Int32Column()
    const atArray = () => scanner.atArray()
    const next = () => scanner.nextElement()
    if (!scanner.whole(atArray)) throw bad(`${place}.samples`, 'is not a list')
    if (!scanner.whole(() => scanner.enter())) return stacks
    do {
      const where = () => `${place}.samples[${stacks.length}]`
      if (!scanner.whole(atArray)) throw bad(where(), 'is not a list')
      path.length = 0
      readIndexes(scanner, path, where)
      let stack = ROOT_STACK
      for (let i = 0; i < path.length; i++) stack = this.stack(stack, path.at(i), where)
      stacks.push(stack)
    } while (scanner.whole(next))
    return stacks
  }

  stack(parent: number, frame: number, placeOf: () => string): number {
    if (!(frame >= 0 && frame < this.frameCount)) {
      throw bad(placeOf(), 'names a frame that is not in the file')
    }
    return this.#stacks.intern(parent, frame)
  }

  add(stack: number, weight: number, profile: number): void {
    this.#stack.push(stack)
    this.#weight.push(weight)
    this.#profile.push(profile)
  }

  /** `labelSets`: of each profile, -1 for one that is left out. */
  finish(
    builder: ProfileBuilder,
    frames: readonly FrameIndex[],
    labelSets: readonly number[],
  ): SampleTable {
    const stackOf = this.#place(builder, frames)
    const [stack, weight, labelSet] = [new Int32Column(), new Float64Column(), new Int32Column()]
    for (let i = 0; i < this.#stack.length; i++) {
      const set = labelSets[this.#profile.at(i)]!
      if (set === -1) continue
      stack.push(stackOf.at(this.#stack.at(i)))
      weight.push(this.#weight.at(i))
      labelSet.push(set)
    }
    return { stack: stack.finish(), weight: weight.finish(), labelSet: labelSet.finish() }
  }

  /** A leading `(root)`, which some writers keep, is our root. */
  #place(builder: ProfileBuilder, frames: readonly FrameIndex[]): Int32Column {
    const { first, second, size } = this.#stacks
    const stackOf = new Int32Column(size)
    stackOf.push(ROOT_STACK)
    for (let i = 1; i < size; i++) {
      const frame = frames[second.at(i)]
      if (frame === undefined)
        throw bad('profiles', `name frame ${second.at(i)}, which is not in the file`)
      const isRoot = first.at(i) === ROOT_STACK && frame === ROOT_FRAME
      stackOf.push(isRoot ? ROOT_STACK : builder.stack(stackOf.at(first.at(i)), frame))
    }
    return stackOf
  }
}

interface Target {
  readonly samples: SpeedscopeSamples
  readonly members: SpeedscopeMembers
  /** From the file's unit to ours. */
  readonly factor: number
  readonly place: string
  /** Of the profile in the file. */
  readonly index: number
}

/** `samples: [[0, 1, 2], …]` and a weight for each. */
export function placeSamples({ samples, members, factor, place, index }: Target): void {
  const { samples: stacks, weights } = members
  if (stacks === undefined) throw bad(`${place}.samples`, 'is not a list')
  if (weights === undefined) throw bad(`${place}.weights`, 'is not a list')
  if (stacks.length !== weights.length) {
    throw bad(place, `has ${stacks.length} samples but ${weights.length} weights`)
  }
  const clock = new WholeClock(factor)
  for (let i = 0; i < stacks.length; i++) {
    if (!(weights.at(i) >= 0)) throw bad(`${place}.weights[${i}]`, 'is bad')
    const whole = clock.advance(weights.at(i))
    if (!Number.isSafeInteger(whole)) throw bad(`${place}.weights[${i}]`, 'is too large')
    samples.add(stacks.at(i), whole, index)
  }
}

/**
 * `events: [{ type: 'O', frame: 0, at: 3 }, …]`, in the order of time, every opened frame closed.
 * Time in no frame belongs to the root.
 */
export function placeEvents({ samples, members, factor, place, index }: Target): void {
  const { events, startValue, endValue } = members
  if (events === undefined) throw bad(`${place}.events`, 'is not a list')
  const clock = new WholeClock(factor)
  let time = timeOf(startValue, `${place}.startValue`)
  const open = { frame: new Int32Column(), stack: new Int32Column() }
  const top = (column: Int32Column) => column.at(column.length - 1)
  const leaf = () => (open.stack.length === 0 ? ROOT_STACK : top(open.stack))
  const advance = (to: number, placeOf: () => string) => {
    if (to < time) throw bad(placeOf(), 'goes back in time')
    const weight = clock.advance(to - time)
    if (!Number.isSafeInteger(weight)) throw bad(placeOf(), 'is too large')
    if (weight > 0) samples.add(leaf(), weight, index)
    time = to
  }
  for (let i = 0; i < events.opens.length; i++) {
    const where = () => `${place}.events[${i}]`
    const frame = events.frame.at(i)
    const stack = samples.stack(leaf(), frame, where)
    advance(events.at.at(i), where)
    if (events.opens.at(i) === 1) {
      open.frame.push(frame)
      open.stack.push(stack)
    } else {
      const isLast = open.frame.length > 0 && top(open.frame) === frame
      if (!isLast) throw bad(where(), 'closes a frame that is not the last opened')
      open.frame.length--
      open.stack.length--
    }
  }
  if (open.frame.length > 0) throw bad(`${place}.events`, `leaves ${open.frame.length} frames open`)
  const end = timeOf(endValue, `${place}.endValue`)
  if (end > time) advance(end, () => `${place}.endValue`)
}

// --- internal ---

/** Rounds points in time, not durations, so that the whole is right however small the parts are. */
class WholeClock {
  #time = 0
  #given = 0
  readonly #factor: number

  constructor(factor: number) {
    this.#factor = factor
  }

  advance(duration: number): number {
    this.#time += duration
    const until = Math.round(this.#time * this.#factor)
    const whole = until - this.#given
    this.#given = until
    return whole
  }
}

function timeOf(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(place, 'is not a time')
  return value
}
