/**
 * profile.proto by the library of its own project: each sample has the value of its type, in the
 * order of `sampleType`; locations come leaf first, and the lines of each, inlined calls, too.
 * Functions are known by name and file: which line is theirs differs from writer to writer.
 */
import { gunzipSync } from 'node:zlib'
import { Profile, type ValueType } from 'pprof-format'
import { Adder, ourName, type Sums } from './sums.js'

export function sumsOfPprof(
  bytes: Uint8Array,
  keyOf = (name: string, file: string) => `${withoutPlace(ourName(name, file))} ${file}`,
): Sums {
  const profile = Profile.decode(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes)
  const text = (index: number | bigint) => profile.stringTable.strings[Number(index)]!
  const functions = new Map(
    profile.function.map(({ id, name, filename }) => [
      Number(id),
      keyOf(text(name) || '(anonymous)', text(filename)),
    ]),
  )
  const locations = new Map(
    profile.location.map(({ id, line }) => [
      Number(id),
      line.map(({ functionId }) => functions.get(Number(functionId))!).reverse(),
    ]),
  )
  const isTime = ({ unit }: ValueType) => text(unit) === 'nanoseconds'
  const column = profile.sampleType.findIndex(isTime)
  const adder = new Adder()
  for (const { locationId, value } of profile.sample) {
    const stack = [...locationId].reverse().flatMap((id) => locations.get(Number(id))!)
    adder.add(stack, Number(value[column]!) / 1000)
  }
  return adder
}

/** @datadog/pprof calls a function without a name by its place: `(anonymous:L#19:C#18)`. */
function withoutPlace(name: string): string {
  return name.replace(/^\(anonymous:L#[^)]*\)$/, '(anonymous)')
}
