import type { Label } from 'pprof-format'
import type { Profile, StackIndex } from '../../profile/profile.js'
import { ByteWriter } from '../shared/byte-writer.js'
import { pathSizes } from '../shared/path-sizes.js'

/** A sample to be written, by what it refers to. */
export interface PprofSample {
  readonly leaf: StackIndex
  readonly values: readonly (number | bigint)[]
  readonly labels: readonly Label[]
}

/**
 * The samples as fields of a `Profile` message, to be put beside its other fields. By hand, because
 * `pprof-format` takes a list of objects with a list of numbers each, and measures all of them
 * twice: minutes, and gigabytes, for a hundred thousand deep stacks. Frame `i` is location `i + 1`.
 */
export function encodeSamples({ stacks }: Profile, samples: Iterable<PprofSample>): Uint8Array {
  const out = new ByteWriter()
  const { frame, parent } = stacks
  const pathLength = pathSizes(stacks, (each) => varintLength(each + 1))
  // Only now: above others it is left out.
  pathLength[0] = varintLength(frame[0]! + 1)
  const labelBytes = new Map<Label, Uint8Array>()
  for (const { leaf, values, labels } of samples) {
    const encoded = labels.map((label) => {
      const bytes = labelBytes.get(label) ?? label.encode()
      labelBytes.set(label, bytes)
      return bytes
    })
    const path = pathLength[leaf]!
    let valuesLength = 0
    for (const value of values) valuesLength += varintLength(value)
    let length = sizeOf(path) + sizeOf(valuesLength)
    for (const label of encoded) length += sizeOf(label.length)
    out.byte(PROFILE_SAMPLE).varint(length)
    out.byte(SAMPLE_LOCATION).varint(path)
    let stack = leaf
    // The root is a location only where it has time of its own: a sample needs one.
    do {
      out.varint(frame[stack]! + 1)
      stack = parent[stack]!
    } while (stack > 0)
    out.byte(SAMPLE_VALUE).varint(valuesLength)
    for (const value of values) out.varint(value)
    for (const label of encoded) out.byte(SAMPLE_LABEL).varint(label.length).raw(label)
  }
  return out.finish()
}

// --- internal ---

/** Number of the field and its type, `2` for bytes. */
const PROFILE_SAMPLE = (2 << 3) | 2
const SAMPLE_LOCATION = (1 << 3) | 2
const SAMPLE_VALUE = (2 << 3) | 2
const SAMPLE_LABEL = (3 << 3) | 2

/** Of bytes of that length with what says so, in a message. */
function sizeOf(length: number): number {
  return 1 + varintLength(length) + length
}

function varintLength(value: number | bigint): number {
  let length = 1
  for (let rest = Number(value); rest >= 128; rest /= 128) length++
  return length
}
