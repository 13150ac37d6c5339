import { type Format, hasExtension } from '../format.js'
import { PROFVIEW_KEY } from '../shared/dump-meta.js'
import { firstKey } from '../shared/json-sniff.js'
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
  readSource: readCpuprofile,
  write: writeCpuprofile,
}
