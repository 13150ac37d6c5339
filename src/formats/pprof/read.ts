import { ProfviewError } from '../../errors.js'
import { currentBudget } from '../../profile/budget.js'
import { ProfileBuilder, ROOT_STACK } from '../../profile/builder.js'
import { Int32Column } from '../../profile/columns.js'
import { ROOT, syntheticFrame } from '../../profile/frames.js'
import type { LabelSetIndex, Profile, StackIndex } from '../../profile/profile.js'
import { baseName } from '../format.js'
import { bad } from '../shared/bad.js'
import { unmarkInTheWay } from '../shared/in-the-way.js'
import { type Locations, readLocations } from './locations.js'
import { PprofStrings } from './strings.js'
import { chooseValue, type SampleType, WholeValues } from './values.js'
import { eachMessage, type Numeric, WireReader } from './wire.js'

/**
 * Reads pprof's profile.proto (https://github.com/google/pprof/blob/main/proto/profile.proto), not
 * compressed. The value is chosen by name: time before bytes before counts, wall before CPU time.
 * String and number labels become label sets; fields that profile.proto does not know are skipped.
 * Throws `BAD_INPUT` naming the field that is wrong.
 */
export function readPprof(bytes: Uint8Array, fileName: string): Profile {
  refuseLegacy(bytes)
  const builder = new ProfileBuilder()
  const strings = readStrings(bytes)
  const { sampleTypes, preferred } = readSampleTypes(bytes, strings)
  const { column, unit, what, divisor } = chooseValue(sampleTypes, preferred)
  const locations = readLocations(bytes, strings, builder)
  const values = new WholeValues(divisor)
  const budget = currentBudget()
  const path = new Int32Column()
  let value: Numeric = 0
  let valueCount = 0
  let labels = NO_LABELS
  let place = () => ''
  const addLocation = (id: Numeric) => {
    const known = locations.ids.indexOf(id)
    if (known === -1) {
      throw bad(`${place()}.location_id[${path.length}]`, `names no location (${id})`)
    }
    path.push(known)
  }
  const addValue = (next: Numeric) => {
    if (valueCount++ === column) value = next
  }
  const addLabel = (wire: WireReader) => {
    if (labels === NO_LABELS) labels = []
    budget?.take(BYTES_OF_LABEL)
    const at = labels.length
    wire.message(
      () => `${place()}.label[${at}]`,
      () => labels.push(readLabel(wire, strings)),
    )
  }
  const stackOf = stackFinder(locations, builder)
  eachMessage(bytes, SAMPLE, 'sample', (wire, placeOf) => {
    place = placeOf
    path.length = 0
    valueCount = 0
    labels = NO_LABELS
    for (let field = wire.next(); field !== 0; field = wire.next()) {
      if (field === LOCATION_IDS) wire.numbers('location_id', addLocation)
      else if (field === VALUES) wire.numbers('value', addValue)
      else if (field === LABELS) addLabel(wire)
      else wire.skip()
    }
    if (valueCount !== sampleTypes.length) {
      throw bad(`${place()}.value`, `has ${valueCount} of ${sampleTypes.length} values`)
    }
    const weight = values.next(value, () => `${place()}.value[${column}]`)
    builder.sample(stackOf(path), weight, labelSetOf(labels, builder))
    budget?.take(-labels.length * BYTES_OF_LABEL)
  })
  const name = baseName(fileName) + (what === '' ? '' : ` (${what})`)
  return unmarkInTheWay(builder.build({ name, unit }))
}

/** A header of 32- or 64-bit words: 0, 3, 0, period, 0. */
export function isLegacy(bytes: Uint8Array): boolean {
  for (const word of [4, 8]) {
    if (bytes.length < 5 * word) continue
    const words = [0, 1, 2].map((at) => bytes.subarray(at * word, (at + 1) * word))
    const sums = words.map((part) => part.reduce((sum, byte) => sum + byte, 0))
    const isThree = words[1]![0] === 3 || words[1]![word - 1] === 3
    if (sums[0] === 0 && sums[1] === 3 && isThree && sums[2] === 0) return true
  }
  return false
}

/** Do the fields at the top level add up to the file, and are there value types and strings? */
export function looksLikePprof(bytes: Uint8Array): boolean {
  const wire = new WireReader(bytes)
  const seen = new Set<number>()
  try {
    for (let field = wire.next(); field !== 0; field = wire.next()) {
      if (!wire.isNumber && !wire.isBytes) return false
      wire.skip()
      seen.add(field)
      if (seen.size > MOST_FIELDS) return false
    }
  } catch {
    return false
  }
  return seen.has(1) && seen.has(6)
}

// --- internal ---

/** Numbers of the fields of a profile, and of a sample. */
const [SAMPLE_TYPE, SAMPLE, STRING_TABLE, DEFAULT_SAMPLE_TYPE] = [1, 2, 6, 14]
const [LOCATION_IDS, VALUES, LABELS] = [1, 2, 3]
const LABEL_FIELDS = ['key', 'str', 'num', 'num_unit']
/** Never added to. */
const NO_LABELS: [string, string][] = []
/** Of a type of values, with what is worked out about it. */
const BYTES_OF_TYPE = 400
const BYTES_OF_LABEL = 200
/** Other programs' protobufs have many different ones; profile.proto has 15. */
const MOST_FIELDS = 40

/** gperftools' own format, https://gperftools.github.io/gperftools/cpuprofile-fileformat.html */
function refuseLegacy(bytes: Uint8Array): void {
  if (isLegacy(bytes)) {
    throw new ProfviewError(
      'BAD_INPUT',
      'a legacy gperftools profile; convert it first: pprof -proto <file>',
    )
  }
}

function readStrings(bytes: Uint8Array): PprofStrings {
  const strings = new PprofStrings(bytes)
  const wire = new WireReader(bytes)
  const budget = currentBudget()
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    // Each field of the file is passed here, and by whoever looks for others.
    budget?.step(1)
    if (field === STRING_TABLE) strings.add(wire.bytes('string_table'))
    else wire.skip()
  }
  return strings
}

function readSampleTypes(bytes: Uint8Array, strings: PprofStrings) {
  const sampleTypes: SampleType[] = []
  eachMessage(bytes, SAMPLE_TYPE, 'sample_type', (wire, place) => {
    const [type = 0, unit = 0] = wire.scalars(['type', 'unit'])
    currentBudget()?.take(BYTES_OF_TYPE)
    sampleTypes.push({
      type: strings.at(type, () => `${place()}.type`),
      unit: strings.at(unit, () => `${place()}.unit`),
    })
  })
  let preferred = ''
  const wire = new WireReader(bytes)
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    const name = 'default_sample_type'
    if (field === DEFAULT_SAMPLE_TYPE) preferred = strings.at(wire.number(name), () => name)
    else wire.skip()
  }
  return { sampleTypes, preferred }
}

function readLabel(wire: WireReader, strings: PprofStrings): [string, string] {
  const fields = wire.scalars(LABEL_FIELDS)
  const text = (i: number) => strings.at(fields[i]!, () => wire.placeOf(LABEL_FIELDS[i]!))
  if (fields[1] !== 0) return [text(0), text(1)]
  const num = BigInt.asIntN(64, BigInt(fields[2]!))
  return [text(0), fields[3] === 0 ? String(num) : `${num} ${text(3)}`]
}

/** The leaf comes first in the file; the frames of a location are caller first. */
function stackFinder(locations: Locations, builder: ProfileBuilder) {
  const root = builder.frame(syntheticFrame(ROOT))
  const budget = currentBudget()
  return (path: Int32Column): StackIndex => {
    let stack: StackIndex = ROOT_STACK
    for (let at = path.length - 1; at >= 0; at--) {
      const first = locations.first(path.at(at))
      const end = locations.first(path.at(at) + 1)
      budget?.step(end - first)
      for (let i = first; i < end; i++) {
        const frame = locations.frames.at(i)
        if (stack !== ROOT_STACK || frame !== root) stack = builder.stack(stack, frame)
      }
    }
    return stack
  }
}

function labelSetOf(labels: readonly [string, string][], builder: ProfileBuilder): LabelSetIndex {
  return labels.length === 0 ? 0 : builder.labelSet(new Map(labels))
}
