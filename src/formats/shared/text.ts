import { ProfviewError } from '../../errors.js'
import { currentBudget } from '../../profile/budget.js'

const decoder = new TextDecoder()

/** Bytes → string. Invalid UTF-8 becomes U+FFFD. Throws `TOO_LARGE` past V8's string limit. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    const fact = `a text of ${bytes.length} bytes is more than one string can hold`
    throw new ProfviewError('TOO_LARGE', fact, { cause })
  }
}

/**
 * The text in UTF-8 without a byte order mark, whether it comes in UTF-8 or UTF-16 of either byte
 * order. UTF-16 without a mark is known by its first two characters, which are ASCII in every text
 * format read here. Anything else, binary formats too, comes back untouched.
 */
export function toUtf8(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return fromUtf16(bytes.subarray(2), true)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return fromUtf16(bytes.subarray(2), false)
  if (isPrintable(bytes[0]) && bytes[1] === 0 && isPrintable(bytes[2]) && bytes[3] === 0) {
    return fromUtf16(bytes, true)
  }
  if (bytes[0] === 0 && isPrintable(bytes[1]) && bytes[2] === 0 && isPrintable(bytes[3])) {
    return fromUtf16(bytes, false)
  }
  return bytes
}

// --- internal ---

function isPrintable(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x7f
}

/** By hand, because not every build of Node can decode UTF-16 in big-endian order. */
function fromUtf16(bytes: Uint8Array, littleEndian: boolean): Uint8Array {
  currentBudget()?.take(2 * bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const encoder = new TextEncoder()
  const units = new Uint16Array(8192)
  let utf8 = new Uint8Array(bytes.length + 16)
  let length = 0
  for (let at = 0; at + 1 < bytes.length; ) {
    const count = Math.min(units.length, (bytes.length - at) >> 1)
    for (let i = 0; i < count; i++) units[i] = view.getUint16(at + 2 * i, littleEndian)
    // A pair that the block would cut in two waits for the next one.
    const cut = count > 1 && (units[count - 1]! & 0xfc00) === 0xd800 ? count - 1 : count
    const block = encoder.encode(
      String.fromCharCode.apply(null, units.subarray(0, cut) as unknown as number[]),
    )
    if (length + block.length > utf8.length) {
      const grown = new Uint8Array(2 * utf8.length + block.length)
      grown.set(utf8)
      utf8 = grown
    }
    utf8.set(block, length)
    length += block.length
    at += 2 * cut
  }
  return utf8.subarray(0, length)
}
