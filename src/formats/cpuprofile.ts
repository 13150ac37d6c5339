import { readCpuprofile } from './cpuprofile-read.js'
import { writeCpuprofile } from './cpuprofile-write.js'
import { PROFVIEW_KEY } from './dump-meta.js'
import { type Format, hasExtension } from './format.js'
import { firstKey } from './json-sniff.js'

const EXTENSIONS = ['.cpuprofile']

/** V8's CPU profile: Chrome DevTools, `node --cpu-prof`, and our own dumps. */
export const cpuprofile: Format = {
  name: 'cpuprofile',
  extensions: EXTENSIONS,
  detect(bytes, fileName) {
    const key = firstKey(bytes, [PROFVIEW_KEY, 'nodes', 'head', 'timeDeltas', 'profiles'])
    if (key === '' || key === 'profiles') return hasExtension(fileName, EXTENSIONS) ? 'maybe' : 'no'
    return key === null ? 'no' : 'yes'
  },
  read: readCpuprofile,
  write: writeCpuprofile,
}
