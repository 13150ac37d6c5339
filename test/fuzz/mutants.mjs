/** Files that are nearly profiles: seeds of every format, changed by repeatable chance. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FIXTURES = new URL('../../fixtures/profiles/', import.meta.url).pathname
/** Larger ones take too long a thousand times. */
const LARGEST_SEED = 40_000

/** Every fixture that is small. Each is `{ name, bytes }`. */
export function seeds() {
  const files = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
  return files
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => ({ name, bytes: readFileSync(join(parentPath, name)) }))
    .filter(({ bytes }) => bytes.length <= LARGEST_SEED)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The mutant of a number: the same for the same number and seeds. */
export function mutant(number, from) {
  const random = randomOf(number)
  const seed = from[number % from.length]
  let { bytes } = seed
  const times = 1 + below(random, 4)
  for (let i = 0; i < times; i++) {
    const structural = structuralFor(bytes)
    const isStructural = structural !== null && random() < 0.6
    bytes = isStructural ? structural(bytes, random) : bytewise(bytes, random, from)
  }
  return { name: seed.name, bytes }
}

/** A generator of numbers from 0 up to 1 (mulberry32). */
export function randomOf(seed) {
  let state = (seed * 0x9e3779b1) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

// --- internal ---

function below(random, count) {
  return Math.floor(random() * count)
}

function pick(random, list) {
  return list[below(random, list.length)]
}

const BYTES = [0x00, 0x01, 0x0a, 0x1b, 0x20, 0x22, 0x2c, 0x5b, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xff]

function bytewise(bytes, random, from) {
  if (bytes.length === 0) return Buffer.from([pick(random, BYTES)])
  const changed = Buffer.from(bytes)
  const at = below(random, changed.length)
  const end = Math.min(changed.length, at + 1 + below(random, random() < 0.5 ? 4 : 400))
  const part = changed.subarray(at, end)
  const [before, behind] = [changed.subarray(0, at), changed.subarray(end)]
  switch (below(random, 8)) {
    case 0:
      changed[at] ^= 1 << below(random, 8)
      return changed
    case 1:
      changed[at] = pick(random, BYTES)
      return changed
    case 2:
      return Buffer.concat([before, behind])
    case 3:
      return Buffer.concat([before, part, part, part, behind])
    case 4:
      return Buffer.concat([behind, part, before])
    case 5:
      return before
    case 6:
      return Buffer.concat([
        before,
        Buffer.alloc(1 + below(random, 64), pick(random, BYTES)),
        behind,
      ])
    default: {
      const other = pick(random, from).bytes
      const start = below(random, other.length)
      return Buffer.concat([before, other.subarray(start, start + below(random, 500)), behind])
    }
  }
}

/** Null for what is only bytes. */
function structuralFor(bytes) {
  const first = bytes.find((byte) => byte > 0x20)
  if (first === 0x7b) return changeJson
  if (first === 0x0a || first === 0x12) return changeProtobuf
  return bytes.includes(0x0a) && !bytes.includes(0) ? changeLines : null
}

const VALUES = [
  ...[null, true, '', 'x', '\u202e\u001b[31m', '__proto__', [], {}, [[]], { id: 1 }, -1, 0, 1, 2],
  ...[
    0.5,
    1.5,
    -0.001,
    1e-9,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    1e21,
    1e300,
    '7',
  ],
]

/** Replaces, takes out, repeats or moves a value somewhere in the tree. */
function changeJson(bytes, random) {
  let root
  try {
    root = JSON.parse(bytes.toString().replace(/^\ufeff/, ''))
  } catch {
    return bytes
  }
  const places = []
  const walk = (value) => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      places.push([value, key])
      if (places.length < 20_000) walk(value[key])
    }
  }
  walk(root)
  if (places.length === 0) return bytes
  const [holder, key] = pick(random, places)
  const [other, otherKey] = pick(random, places)
  switch (below(random, 5)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1)
      else delete holder[key]
      break
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(holder[key]))
      break
    case 2:
      holder[key] = structuredClone(other[otherKey])
      break
    default:
      holder[key] = pick(random, VALUES)
  }
  return Buffer.from(JSON.stringify(root).replace('"Infinity"', '1e999'))
}

const NUMBERS = [0n, 1n, 2n, 127n, 128n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n]

/** Changes a field somewhere in a protobuf: its number, its type, its value, or how often it is. */
function changeProtobuf(bytes, random) {
  const fields = fieldsOf(bytes)
  if (fields === null || fields.length === 0) return bytes
  const at = below(random, fields.length)
  const field = fields[at]
  switch (below(random, 6)) {
    case 0:
      fields.splice(at, 1)
      break
    case 1:
      fields.splice(at, 0, field, field)
      break
    case 2:
      fields.splice(at, 0, {
        tag: (100n << 3n) | BigInt(below(random, 6)),
        value: 8n,
        raw: Buffer.alloc(8),
      })
      break
    case 3:
      field.tag = BigInt(below(random, 200))
      break
    case 4:
      fields.push(...fields.splice(at, 1))
      break
    default:
      if (field.raw === null) field.value = pick(random, NUMBERS)
      else if (random() < 0.8) field.raw = Buffer.from(changeProtobuf(field.raw, random))
      else field.value = pick(random, NUMBERS)
  }
  return Buffer.concat(
    fields.map(({ tag, value, raw }) => {
      const length = raw === null || value !== null ? (value ?? 0n) : BigInt(raw.length)
      return Buffer.concat([varint(tag), varint(length), raw ?? Buffer.alloc(0)])
    }),
  )
}

/** `value`: of a number, or a length that is not the bytes'. Null for what is no protobuf. */
function fieldsOf(bytes) {
  const fields = []
  let at = 0
  const number = () => {
    let value = 0n
    for (let i = 0n; i < 10n && at < bytes.length; i++) {
      const byte = BigInt(bytes[at++])
      value |= (byte & 127n) << (7n * i)
      if (byte < 128n) return value
    }
    return null
  }
  while (at < bytes.length) {
    const tag = number()
    const value = tag === null ? null : number()
    if (value === null || ![0n, 2n].includes(tag & 7n)) return null
    if ((tag & 7n) === 0n) fields.push({ tag, value, raw: null })
    else {
      const end = at + Number(value)
      if (end > bytes.length) return null
      fields.push({ tag, value: null, raw: bytes.subarray(at, end) })
      at = end
    }
  }
  return fields
}

function varint(value) {
  const bytes = []
  let rest = BigInt.asUintN(64, value)
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Buffer.from(bytes)
}

const FIELDS = [
  '',
  ';',
  ';;',
  ' 1',
  ' -1',
  ' 99999999999999999999',
  ' 1.5',
  '(a:1:2)',
  '%3B%',
  '\r',
]

function changeLines(bytes, random) {
  const lines = bytes.toString('latin1').split('\n')
  const at = below(random, lines.length)
  const line = lines[at]
  const cut = below(random, line.length + 1)
  lines[at] = line.slice(0, cut) + pick(random, FIELDS) + line.slice(cut)
  if (random() < 0.2) lines.splice(at, 0, pick(random, lines))
  return Buffer.from(lines.join('\n'), 'latin1')
}
