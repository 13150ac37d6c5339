import { readCpuprofile } from '../../../src/formats/cpuprofile/read.js'
import { toUtf8 } from '../../../src/formats/shared/text.js'
import { checkProfile } from '../../../src/profile/check.js'
import type { Profile } from '../../../src/profile/profile.js'

/** The page is given one format, so it carries one reader. */
export function readDump(bytes: Uint8Array, name = 'selection.cpuprofile'): Profile {
  return checkProfile(readCpuprofile(toUtf8(bytes), name))
}
