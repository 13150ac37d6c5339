import { readCpuprofile } from './cpuprofile-read.js'
import { writeCpuprofile } from './cpuprofile-write.js'
import { PROFVIEW_KEY } from './dump-meta.js'
import { type Format, hasExtension } from './format.js'
import { findKey } from './json-sniff.js'

const EXTENSIONS = ['.cpuprofile']

/** V8's CPU profile: Chrome DevTools, `node --cpu-prof`, and our own dumps. */
export const cpuprofile: Format = {
  name: 'cpuprofile',
  extensions: EXTENSIONS,
  detect(bytes, fileName) {
    const found = findKey(bytes, [PROFVIEW_KEY, 'nodes', 'head', 'timeDeltas'])
    if (found === 'found') return 'yes'
    return found === 'absent' && hasExtension(fileName, EXTENSIONS) ? 'maybe' : 'no'
  },
  read: readCpuprofile,
  write: writeCpuprofile,
}
