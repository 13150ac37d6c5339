import type { Profile } from '../../profile/profile.js'
import { type Format, hasExtension } from '../format.js'
import { PROFVIEW_KEY } from '../shared/dump-meta.js'
import { firstKey } from '../shared/json-sniff.js'
import { ListReader } from './lists.js'
import { readCpuprofile } from './read.js'
import { writeCpuprofile } from './write.js'

const EXTENSIONS = ['.cpuprofile']

/** V8's CPU profile: Chrome DevTools, `node --cpu-prof`, and our own dumps. */
export const cpuprofile: Format<'cpuprofile'> = {
  name: 'cpuprofile',
  extensions: EXTENSIONS,
  sharedExtensions: ['.json'],
  detect(bytes, fileName) {
    const key = firstKey(bytes, [PROFVIEW_KEY, 'nodes', 'head', 'timeDeltas', 'profiles'])
    if (key === '' || key === 'profiles') return hasExtension(fileName, EXTENSIONS) ? 'maybe' : 'no'
    return key === null ? 'no' : 'yes'
  },
  read: readCpuprofile,
  readPieces,
  write: writeCpuprofile,
}

// --- internal ---

function readPieces(pieces: Iterable<Uint8Array>, size: number, fileName: string): Profile | null {
  const reader = new ListReader(size)
  for (const piece of pieces) if (!reader.push(piece)) return null
  const { bytes, lists } = reader.finish()
  return readCpuprofile(bytes, fileName, lists)
}
