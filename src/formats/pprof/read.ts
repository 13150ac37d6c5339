import { Profile as PprofProfile } from 'pprof-format'
import { ProfviewError } from '../../errors.js'
import { ProfileBuilder, ROOT_STACK } from '../../profile/builder.js'
import { ROOT, syntheticFrame } from '../../profile/frames.js'
import type { LabelSetIndex, Profile, StackIndex } from '../../profile/profile.js'
import { baseName } from '../format.js'
import { bad } from '../shared/bad.js'
import { unmarkInTheWay } from '../shared/in-the-way.js'
import { readLocations } from './locations.js'
import { PprofStrings, toId } from './strings.js'
import { chooseValue, WholeValues } from './values.js'
import { checkWire } from './wire.js'

/**
 * Reads pprof's profile.proto (https://github.com/google/pprof/blob/main/proto/profile.proto), not
 * compressed. The value is chosen by name: time before bytes before counts, wall before CPU time.
 * String and number labels become label sets. Throws `BAD_INPUT` naming the field that is wrong.
 */
export function readPprof(bytes: Uint8Array, fileName: string): Profile {
  refuseLegacy(bytes)
  checkWire(bytes)
  const file = decode(bytes)
  const builder = new ProfileBuilder()
  const strings = new PprofStrings(file.stringTable.strings)
  const locations = readLocations(file, strings, builder)
  const { column, unit, divisor } = chooseValue(file, strings)
  const values = new WholeValues(divisor)
  const root = builder.frame(syntheticFrame(ROOT))

  file.sample.forEach((sample, i) => {
    const place = `sample[${i}]`
    if (sample.value.length !== file.sampleType.length) {
      throw bad(`${place}.value`, `has ${sample.value.length} of ${file.sampleType.length} values`)
    }
    let stack: StackIndex = ROOT_STACK
    // The leaf comes first in the file, and each location lists its inlined calls innermost first.
    for (let at = sample.locationId.length - 1; at >= 0; at--) {
      const frames = locations.get(toId(sample.locationId[at]!))
      if (frames === undefined) {
        throw bad(`${place}.location_id[${at}]`, `names no location (${sample.locationId[at]})`)
      }
      for (const frame of frames) {
        if (stack !== ROOT_STACK || frame !== root) stack = builder.stack(stack, frame)
      }
    }
    const weight = values.next(sample.value[column]!, `${place}.value[${column}]`)
    builder.sample(stack, weight, readLabels(sample.label, strings, builder, place))
  })
  return unmarkInTheWay(builder.build({ name: baseName(fileName), unit }))
}

// --- internal ---

function decode(bytes: Uint8Array): PprofProfile {
  try {
    return PprofProfile.decode(bytes)
  } catch (cause) {
    throw new ProfviewError('BAD_INPUT', 'not a pprof profile', { cause })
  }
}

/** gperftools' own format, https://gperftools.github.io/gperftools/cpuprofile-fileformat.html */
function refuseLegacy(bytes: Uint8Array): void {
  if (isLegacy(bytes)) {
    throw new ProfviewError(
      'BAD_INPUT',
      'a legacy gperftools profile; convert it first: pprof -proto <file>',
    )
  }
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

function readLabels(
  labels: PprofProfile['sample'][number]['label'],
  strings: PprofStrings,
  builder: ProfileBuilder,
  place: string,
): LabelSetIndex {
  if (labels.length === 0) return 0
  const pairs = labels.map((label, i): [string, string] => {
    const where = `${place}.label[${i}]`
    const key = strings.at(label.key, `${where}.key`)
    if (label.str) return [key, strings.at(label.str, `${where}.str`)]
    const unit = strings.at(label.numUnit, `${where}.num_unit`)
    return [key, unit === '' ? String(label.num) : `${label.num} ${unit}`]
  })
  return builder.labelSet(new Map(pairs))
}
