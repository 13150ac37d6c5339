import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { Unit } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import { isRecord } from '../shared/dump-meta.js'
import type { JsonScanner } from '../shared/json-scanner.js'
import { readTimes } from '../shared/times.js'
import type { SpeedscopeEvents, SpeedscopeMembers } from './members.js'
import { placeEvents, placeSamples, type SpeedscopeSamples } from './samples.js'

/** What is known of one of a file's profiles when its samples have been read. */
export interface SpeedscopeProfile {
  readonly name: string
  readonly unit: Unit
  readonly startMicros: number
  /** In the file's unit; that of the profiles has to be one. */
  readonly total: number
}

/** Consumes the profile at the scanner's place, and adds its samples to those of the file. */
export function readOne(
  scanner: JsonScanner,
  samples: SpeedscopeSamples,
  index: number,
): SpeedscopeProfile {
  const place = `profiles[${index}]`
  const members = readMembers(scanner, samples, place)
  const { unit, factor } = scaleOf(members.unit, `${place}.unit`)
  const target = { samples, members, factor, place, index }
  if (members.type === 'sampled') placeSamples(target)
  else if (members.type === 'evented') placeEvents(target)
  else throw bad(`${place}.type`, 'is neither sampled nor evented')
  return {
    name: typeof members.name === 'string' ? members.name : '',
    unit,
    startMicros: Math.round(Number(members.startValue) * factor),
    total: totalOf(members),
  }
}

// --- internal ---

/** Factors to the unit of the model. */
const UNITS = new Map<unknown, { unit: Unit; factor: number }>([
  ['none', { unit: 'samples', factor: 1 }],
  ['bytes', { unit: 'bytes', factor: 1 }],
  ['nanoseconds', { unit: 'microseconds', factor: 1e-3 }],
  ['microseconds', { unit: 'microseconds', factor: 1 }],
  ['milliseconds', { unit: 'microseconds', factor: 1e3 }],
  ['seconds', { unit: 'microseconds', factor: 1e6 }],
])
const FACTS = ['type', 'name', 'unit', 'startValue', 'endValue'] as const

function readMembers(
  scanner: JsonScanner,
  samples: SpeedscopeSamples,
  place: string,
): SpeedscopeMembers {
  const members: SpeedscopeMembers = {}
  const value = () => scanner.value()
  scanner.members((key) => {
    const fact = FACTS.find((name) => name === key)
    if (fact !== undefined) members[fact] = scanner.whole(value)
    else if (key === 'samples') members.samples = samples.readStacks(scanner, place)
    else if (key === 'weights') {
      members.weights = readTimes(scanner, `${place}.weights`, new Float64Column())
    } else if (key === 'events') members.events = readEvents(scanner, place)
    else scanner.skipLong()
  })
  return members
}

function readEvents(scanner: JsonScanner, place: string): SpeedscopeEvents {
  const events = { opens: new Int32Column(), frame: new Int32Column(), at: new Float64Column() }
  if (!scanner.whole(() => scanner.atArray())) throw bad(`${place}.events`, 'is not a list')
  scanner.elements((i) => {
    const where = `${place}.events[${i}]`
    const event = scanner.value()
    const { type, frame, at } = isRecord(event) ? event : {}
    if (!Number.isSafeInteger(frame)) throw bad(where, 'names a frame that is not in the file')
    if (typeof at !== 'number' || !Number.isFinite(at)) throw bad(where, 'is not a time')
    if (type !== 'O' && type !== 'C') throw bad(where, 'neither opens nor closes a frame')
    // It may have to be read once more, when all of it is there.
    for (const column of Object.values(events)) column.length = i
    events.opens.push(type === 'O' ? 1 : 0)
    events.frame.push(frame as number)
    events.at.push(at)
  })
  return events
}

function totalOf({ weights, startValue, endValue }: SpeedscopeMembers): number {
  if (weights === undefined) return Number(endValue) - Number(startValue)
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights.at(i)
  return total
}

function scaleOf(unit: unknown, place: string): { unit: Unit; factor: number } {
  const known = UNITS.get(unit)
  if (known === undefined) {
    const text = typeof unit === 'string' ? unit : JSON.stringify(unit)
    throw bad(place, `is unknown (${String(text).slice(0, 40)})`)
  }
  return known
}
