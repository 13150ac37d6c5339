import { JsonScanner } from './json-scanner.js'

/** `none`: these bytes are no JSON object at all. */
export type Sniffed = 'found' | 'absent' | 'none'

/**
 * Looks for one of the keys at the top level of a JSON object, and stops at the first. A file that
 * breaks off before counts as far as it goes. Never throws.
 */
export function findKey(bytes: Uint8Array, keys: readonly string[]): Sniffed {
  const scanner = new JsonScanner(bytes)
  try {
    if (!scanner.atObject()) return 'none'
    if (!scanner.enter()) return 'absent'
    do {
      if (keys.includes(scanner.key())) return 'found'
      scanner.skip()
    } while (scanner.nextMember())
    return 'absent'
  } catch {
    return 'absent'
  }
}
