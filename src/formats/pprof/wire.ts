/**
 * Checks the bytes of a protobuf against profile.proto before `pprof-format` decodes them, because
 * that decoder takes whatever it is given: cut files, wrong wire types and endless numbers
 * included. https://github.com/google/pprof/blob/main/proto/profile.proto
 */
import { bad } from '../shared/bad.js'

const VARINT = 0
const BYTES = 2

/** `numbers`: repeated integers, packed or not. `text`: bytes that are not looked into. */
type FieldKind = 'number' | 'numbers' | 'text' | Message
type Message = ReadonlyMap<number, readonly [name: string, kind: FieldKind]>

const VALUE_TYPE: Message = new Map([
  [1, ['type', 'number']],
  [2, ['unit', 'number']],
])
const LABEL: Message = new Map([
  [1, ['key', 'number']],
  [2, ['str', 'number']],
  [3, ['num', 'number']],
  [4, ['num_unit', 'number']],
])
const SAMPLE: Message = new Map<number, readonly [string, FieldKind]>([
  [1, ['location_id', 'numbers']],
  [2, ['value', 'numbers']],
  [3, ['label', LABEL]],
])
const MAPPING: Message = new Map(
  ['id', 'memory_start', 'memory_limit', 'file_offset', 'filename', 'build_id']
    .concat(['has_functions', 'has_filenames', 'has_line_numbers', 'has_inline_frames'])
    .map((name, i) => [i + 1, [name, 'number'] as const]),
)
const LINE: Message = new Map([
  [1, ['function_id', 'number']],
  [2, ['line', 'number']],
  [3, ['column', 'number']],
])
const LOCATION: Message = new Map<number, readonly [string, FieldKind]>([
  [1, ['id', 'number']],
  [2, ['mapping_id', 'number']],
  [3, ['address', 'number']],
  [4, ['line', LINE]],
  [5, ['is_folded', 'number']],
])
const FUNCTION: Message = new Map(
  ['id', 'name', 'system_name', 'filename', 'start_line'].map((name, i) => [
    i + 1,
    [name, 'number'] as const,
  ]),
)
const PROFILE: Message = new Map<number, readonly [string, FieldKind]>([
  [1, ['sample_type', VALUE_TYPE]],
  [2, ['sample', SAMPLE]],
  [3, ['mapping', MAPPING]],
  [4, ['location', LOCATION]],
  [5, ['function', FUNCTION]],
  [6, ['string_table', 'text']],
  [7, ['drop_frames', 'number']],
  [8, ['keep_frames', 'number']],
  [9, ['time_nanos', 'number']],
  [10, ['duration_nanos', 'number']],
  [11, ['period_type', VALUE_TYPE]],
  [12, ['period', 'number']],
  [13, ['comment', 'numbers']],
  [14, ['default_sample_type', 'number']],
  [15, ['doc_url', 'number']],
])

/** Throws `BAD_INPUT` naming the first field that profile.proto does not allow. */
export function checkWire(bytes: Uint8Array): void {
  checkMessage(new WireReader(bytes), bytes.length, PROFILE, () => '')
}

/** Do the fields at the top level add up to the file, and are there value types and strings? */
export function looksLikePprof(bytes: Uint8Array): boolean {
  const reader = new WireReader(bytes)
  const seen = new Set<number>()
  try {
    while (reader.pos < bytes.length) {
      const tag = reader.varint()
      const wireType = tag & 7
      const field = PROFILE.get(tag >>> 3)
      if (field === undefined || (wireType !== VARINT && wireType !== BYTES)) return false
      const length = reader.varint()
      if (wireType === BYTES) reader.pos += length
      seen.add(tag >>> 3)
    }
  } catch {
    return false
  }
  return reader.pos === bytes.length && seen.has(1) && seen.has(6)
}

// --- internal ---

class WireReader {
  readonly #bytes: Uint8Array
  pos = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** At most ten bytes; the value is exact below 2^53, and only tags and lengths are looked at. */
  varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.pos++]
      if (byte === undefined) throw new RangeError('is cut short')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new RangeError('has a number without an end')
  }
}

/** Recursion is as deep as the schema: profile, location, line. */
function checkMessage(reader: WireReader, end: number, message: Message, path: () => string): void {
  const counts = new Map<string, number>()
  while (reader.pos < end) {
    let place = path
    try {
      const tag = reader.varint()
      const wireType = tag % 8
      const number = Math.floor(tag / 8)
      if (number === 0) throw new RangeError('has field number 0')
      if (wireType !== VARINT && wireType !== BYTES)
        throw new RangeError(`has wire type ${wireType}`)
      const [name, kind] = message.get(number) ?? [`field ${number}`, 'unknown' as const]
      const index = counts.get(name) ?? 0
      counts.set(name, index + 1)
      place = () => `${path() === '' ? '' : `${path()}.`}${name}[${index}]`
      checkField(reader, end, wireType, kind, place)
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw bad(place() || 'the file', cause.message)
    }
  }
}

function checkField(
  reader: WireReader,
  end: number,
  wireType: number,
  kind: FieldKind | 'unknown',
  place: () => string,
): void {
  const isScalar = wireType === VARINT
  if ((kind === 'number') !== isScalar && kind !== 'numbers' && kind !== 'unknown') {
    throw new RangeError(`has wire type ${wireType}`)
  }
  const length = reader.varint()
  if (reader.pos > end) throw new RangeError('is cut short')
  if (isScalar) return
  const stop = reader.pos + length
  if (stop > end) throw new RangeError('is cut short')
  if (kind === 'numbers') {
    while (reader.pos < stop) reader.varint()
    if (reader.pos !== stop) throw new RangeError('is cut short')
  } else if (typeof kind !== 'string') checkMessage(reader, stop, kind, place)
  else reader.pos = stop
}
