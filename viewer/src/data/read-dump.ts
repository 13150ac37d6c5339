import { readCpuprofile } from '../../../src/formats/cpuprofile/read.js'
import { toUtf8 } from '../../../src/formats/shared/text.js'
import { Budget, memoryFor, withBudget } from '../../../src/profile/budget.js'
import { checkProfile } from '../../../src/profile/check.js'
import type { Profile } from '../../../src/profile/profile.js'

/** The page is given one format, so it carries one reader. */
export function readDump(bytes: Uint8Array, name = 'selection.cpuprofile'): Profile {
  const budget = new Budget(memoryFor(bytes.length), bytes.length)
  return withBudget(budget, () => checkProfile(readCpuprofile(toUtf8(bytes), name)))
}
