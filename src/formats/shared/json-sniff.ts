import { JsonScanner } from './json-scanner.js'

/**
 * The first of these keys at the top level of a JSON object; '' if it has none of them, null if the
 * bytes are no JSON object at all. A file that breaks off counts as far as it goes. Never throws.
 */
export function firstKey(bytes: Uint8Array, keys: readonly string[]): string | null {
  const scanner = new JsonScanner(bytes)
  try {
    if (!scanner.atObject()) return null
    if (!scanner.enter()) return ''
    do {
      const key = scanner.key()
      if (keys.includes(key)) return key
      scanner.skip()
    } while (scanner.nextMember())
    return ''
  } catch {
    return ''
  }
}
