import { currentBudget } from '../../profile/budget.js'
import type { ProfileBuilder } from '../../profile/builder.js'
import { Int32Column } from '../../profile/columns.js'
import { ANONYMOUS, GC } from '../../profile/frames.js'
import type { Frame } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import { nameAndPlace } from './anonymous.js'
import { IdTable } from './id-table.js'
import type { PprofStrings } from './strings.js'
import { eachMessage, type Numeric, type WireReader } from './wire.js'

/**
 * The frames of each location: a location with several lines is a chain of inlined calls, innermost
 * first in the file.
 */
export class Locations {
  /** Those of all locations, one behind the other, caller first. */
  readonly frames = new Int32Column()
  readonly ids = new IdTable()
  readonly #firsts = new Int32Column()

  /** Where the frames of a location begin; those of the next one begin where they end. */
  first(index: number): number {
    return index < this.#firsts.length ? this.#firsts.at(index) : this.frames.length
  }

  /** Of the next location, in the order of the file. */
  begin(): void {
    this.#firsts.push(this.frames.length)
  }
}

/**
 * Throws `BAD_INPUT` for an id that is zero or taken, and for a function or a string that is not
 * there.
 */
export function readLocations(
  bytes: Uint8Array,
  strings: PprofStrings,
  builder: ProfileBuilder,
): Locations {
  const functions = readFunctions(bytes, strings)
  findOwnLines(bytes, functions)
  const mappings = readMappings(bytes)
  const locations = new Locations()
  const budget = currentBudget()
  eachMessage(bytes, LOCATION, 'location', (wire, place) => {
    const lines: Frame[] = []
    const readNext = (field: number) => {
      if (field !== LINE) return false
      const at = lines.length
      budget?.take(BYTES_OF_LINE)
      const placeOfLine = () => `${place()}.line[${at}]`
      wire.message(placeOfLine, () => lines.push(readLine(wire, functions, placeOfLine)))
      return true
    }
    const [id = 0, mapping = 0, address = 0] = wire.scalars(LOCATION_FIELDS, readNext)
    budget?.take(-lines.length * BYTES_OF_LINE)
    locations.ids.add(id, () => `${place()}.id`)
    locations.begin()
    if (lines.length === 0) {
      const image = strings.at(mappings.get(mapping) ?? 0, () => 'mapping.filename')
      lines.push({ name: `0x${address.toString(16)}`, file: image, line: 0, column: 0 })
    }
    for (let at = lines.length - 1; at >= 0; at--) locations.frames.push(builder.frame(lines[at]!))
  })
  return locations
}

// --- internal ---

const [MAPPING, LOCATION, FUNCTION] = [3, 4, 5]
const LOCATION_FIELDS = ['id', 'mapping_id', 'address']
/** Of a location. */
const LINE = 4
const FUNCTION_FIELDS = ['id', 'name', 'system_name', 'filename', 'start_line']

/** Below its `Node.js`, which has no file either. */
const GC_OF_DATADOG = 'Garbage Collection'

/** Of a line, a function or a mapping, as an object in a list or a map. */
const BYTES_OF_LINE = 120

interface NamedFunction {
  readonly name: string
  readonly file: string
  /** Where the function is. 0: each location says where one is. */
  startLine: number
  readonly startColumn: number
}

interface Functions {
  readonly ids: IdTable
  readonly all: NamedFunction[]
}

function readFunctions(bytes: Uint8Array, strings: PprofStrings): Functions {
  const functions: Functions = { ids: new IdTable(), all: [] }
  eachMessage(bytes, FUNCTION, 'function', (wire, place) => {
    const [id = 0, name = 0, systemName = 0, filename = 0, startLine = 0] =
      wire.scalars(FUNCTION_FIELDS)
    const text = (index: Numeric, of: string) => strings.at(index, () => `${place()}.${of}`)
    const called = text(name, 'name') || text(systemName, 'system_name') || ANONYMOUS
    const file = text(filename, 'filename')
    const own = nameAndPlace(file === '' && called === GC_OF_DATADOG ? GC : called)
    functions.ids.add(id, () => `${place()}.id`)
    currentBudget()?.take(BYTES_OF_LINE)
    functions.all.push({
      name: own.name,
      file,
      startLine: position(startLine) || position(own.line),
      startColumn: position(own.column),
    })
  })
  return functions
}

/**
 * A location's line is where its function was; without `start_line` (Go before 1.20) a function
 * would become as many frames as it has lines. It is shown at the first line that it was seen in.
 * @datadog/pprof writes the functions' own lines there, and one function for all of a name in a
 * file, so lines of JavaScript tell functions apart; but with `lineNumbers` it does not: then many
 * functions have several.
 */
function findOwnLines(bytes: Uint8Array, { ids, all }: Functions): void {
  if (all.every(({ startLine }) => startLine !== 0)) return
  const first = new Map<NamedFunction, number>()
  const several = new Set<NamedFunction>()
  eachMessage(bytes, LOCATION, 'location', (wire, place) => {
    wire.scalars(LOCATION_FIELDS, (field) => {
      if (field !== LINE) return false
      wire.message(place, () => {
        const [functionId = 0, line = 0] = wire.scalars(['function_id', 'line'])
        const named = all[ids.indexOf(functionId)]
        const own = position(line)
        if (named === undefined || named.startLine !== 0 || own === 0) return
        const known = first.get(named)
        if (known !== undefined && known !== own) several.add(named)
        first.set(named, Math.min(known ?? own, own))
      })
      return true
    })
  })
  const isNode = all.some(({ file }) => JAVASCRIPT.test(file))
  if (isNode && several.size < Math.max(2, first.size * MANY)) return
  for (const named of several) named.startLine = first.get(named)!
}

const JAVASCRIPT = /\.[cm]?[jt]sx?$|^node:/
/** Of all functions, those of one file that have one name are fewer. */
const MANY = 0.1

/** The string of the name of each mapped file. */
function readMappings(bytes: Uint8Array): Map<Numeric, Numeric> {
  const mappings = new Map<Numeric, Numeric>()
  eachMessage(bytes, MAPPING, 'mapping', (wire) => {
    const [id = 0, , , , filename = 0] = wire.scalars(['id', '', '', '', 'filename'])
    currentBudget()?.take(BYTES_OF_LINE)
    mappings.set(id, filename)
  })
  return mappings
}

function readLine(wire: WireReader, { ids, all }: Functions, placeOf: () => string): Frame {
  const [functionId = 0, line = 0, column = 0] = wire.scalars(['function_id', 'line', 'column'])
  const named = all[ids.indexOf(functionId)]
  if (named === undefined)
    throw bad(`${placeOf()}.function_id`, `names no function (${functionId})`)
  return toFrame(named, line, column)
}

/**
 * The function's own line where that is known, else the line of the location, which in profiles
 * from Node is the same. @datadog/pprof may pack the column into the line's upper half.
 */
function toFrame(
  { name, file, startLine, startColumn }: NamedFunction,
  line: Numeric,
  column: Numeric,
): Frame {
  const isPacked = line > 0xffffffff
  const ownLine = position(isPacked ? BigInt(line) & 0xffffffffn : line)
  const ownColumn = position(isPacked ? BigInt(line) >> 32n : column)
  if (startLine !== 0 && startLine !== ownLine) {
    return { name, file, line: startLine, column: startColumn }
  }
  return { name, file, line: ownLine, column: ownColumn || startColumn }
}

function position(value: Numeric): number {
  const number = Number(value)
  return number > 0 && number === (number | 0) ? number : 0
}
