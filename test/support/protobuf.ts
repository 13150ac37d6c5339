/** Protobufs as nobody's library writes them. */

export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

export function numberField(field: number, value: number | bigint): Uint8Array {
  return join(varint(field * 8), varint(value))
}

export function bytesField(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = join(...parts)
  return join(varint(field * 8 + 2), varint(bytes.length), bytes)
}

/** A repeated number, packed. */
export function packedField(field: number, values: readonly (number | bigint)[]): Uint8Array {
  return bytesField(field, ...values.map(varint))
}

export function textField(field: number, text: string): Uint8Array {
  return bytesField(field, new TextEncoder().encode(text))
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

/** `samples/count`, a string table with a name and a file, and one function of them. */
export function pprofTables(): Uint8Array {
  return join(
    bytesField(1, numberField(1, 1), numberField(2, 2)),
    bytesField(5, numberField(1, 1), numberField(2, 3), numberField(4, 4)),
    ...['', 'samples', 'count', 'f', 'f.js'].map((text) => textField(6, text)),
  )
}

/** A location of so many calls of the function, each inlined into the next. */
export function locationOf(id: number, lines: number): Uint8Array {
  const each = Array.from({ length: lines }, (_, i) =>
    bytesField(4, numberField(1, 1), numberField(2, i + 1)),
  )
  return bytesField(4, numberField(1, id), ...each)
}

export function sampleOf(locations: readonly number[], value: number | bigint): Uint8Array {
  return bytesField(2, packedField(1, locations), packedField(2, [value]))
}
