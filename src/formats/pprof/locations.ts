import type { Profile as PprofProfile } from 'pprof-format'
import type { ProfileBuilder } from '../../profile/builder.js'
import { ANONYMOUS } from '../../profile/frames.js'
import type { Frame, FrameIndex } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import { type PprofStrings, toId } from './strings.js'

type Numeric = number | bigint
type PprofLine = PprofProfile['location'][number]['line'][number]

interface NamedFunction {
  readonly name: string
  readonly file: string
  readonly startLine: number
}

/**
 * The frames of each location, caller first: a location with several lines is a chain of inlined
 * calls. Throws `BAD_INPUT` for an id that is zero or taken, and for a function that is not there.
 */
export function readLocations(
  file: PprofProfile,
  strings: PprofStrings,
  builder: ProfileBuilder,
): Map<Numeric, readonly FrameIndex[]> {
  const functions = readFunctions(file, strings)
  const mappings = new Map(
    file.mapping.map((mapping, i) => [
      toId(mapping.id),
      strings.at(mapping.filename, `mapping[${i}].filename`),
    ]),
  )
  const locations = new Map<Numeric, readonly FrameIndex[]>()
  file.location.forEach((location, i) => {
    const place = `location[${i}]`
    const frames = location.line.map((line, at) => {
      const named = functions.get(toId(line.functionId))
      if (named === undefined) {
        const where = `${place}.line[${at}].function_id`
        throw bad(where, `names no function (${line.functionId})`)
      }
      return builder.frame(toFrame(named, line))
    })
    if (frames.length === 0) {
      const name = `0x${location.address.toString(16)}`
      const image = mappings.get(toId(location.mappingId)) ?? ''
      frames.push(builder.frame({ name, file: image, line: 0, column: 0 }))
    }
    addId(locations, location.id, frames.reverse(), `${place}.id`)
  })
  return locations
}

// --- internal ---

function readFunctions(file: PprofProfile, strings: PprofStrings): Map<Numeric, NamedFunction> {
  const functions = new Map<Numeric, NamedFunction>()
  file.function.forEach((entry, i) => {
    const place = `function[${i}]`
    const name = strings.at(entry.name, `${place}.name`)
    const systemName = strings.at(entry.systemName, `${place}.system_name`)
    const named = {
      name: name || systemName || ANONYMOUS,
      file: strings.at(entry.filename, `${place}.filename`),
      startLine: position(entry.startLine),
    }
    addId(functions, entry.id, named, `${place}.id`)
  })
  return functions
}

/**
 * The function's own line where the file has it, else the line of the location, which in profiles
 * from Node is the same. @datadog/pprof may pack the column into the line's upper half.
 */
function toFrame({ name, file, startLine }: NamedFunction, line: PprofLine): Frame {
  const packed = BigInt(line.line)
  const isPacked = packed > 0xffffffffn
  const ownLine = position(isPacked ? packed & 0xffffffffn : packed)
  const ownColumn = position(isPacked ? packed >> 32n : line.column)
  if (startLine !== 0 && startLine !== ownLine) return { name, file, line: startLine, column: 0 }
  return { name, file, line: ownLine, column: ownColumn }
}

function position(value: Numeric): number {
  const number = Number(value)
  return number > 0 && number === (number | 0) ? number : 0
}

function addId<Item>(table: Map<Numeric, Item>, id: Numeric, item: Item, place: string): void {
  const key = toId(id)
  if (key === 0) throw bad(place, 'is 0')
  if (table.has(key)) throw bad(place, `is already taken (${id})`)
  table.set(key, item)
}
