import type { Int32Column } from '../../profile/columns.js'
import { bad } from '../shared/bad.js'
import type { JsonScanner } from '../shared/json-scanner.js'
import { readPlainNumbers } from '../shared/plain-numbers.js'

/** `[0, 1, 2]`, appended to the column; the list need not be in the window as a whole. */
export function readIndexes(
  scanner: JsonScanner,
  indexes: Int32Column,
  placeOf: () => string,
): void {
  const next = () => scanner.nextElement()
  const one = () => {
    const index = scanner.integer()
    if (index >= 0 && index <= 0x7fffffff) return index
    throw bad(placeOf(), 'names a frame that is not in the file')
  }
  if (!scanner.whole(() => scanner.enter())) return
  do {
    if (readPlainNumbers(scanner, indexes, false)) return
    indexes.push(scanner.whole(one))
  } while (scanner.whole(next))
}
