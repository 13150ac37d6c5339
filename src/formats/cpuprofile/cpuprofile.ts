import type { Format } from '../format.js'
import { detectJson } from '../shared/json-sniff.js'
import { readCpuprofile } from './read.js'
import { writeCpuprofile } from './write.js'

const EXTENSIONS = ['.cpuprofile']

/** V8's CPU profile: Chrome DevTools, `node --cpu-prof`, and our own dumps. */
export const cpuprofile: Format<'cpuprofile'> = {
  name: 'cpuprofile',
  extensions: EXTENSIONS,
  sharedExtensions: ['.json'],
  detect: (bytes, fileName) => detectJson(bytes, fileName, 'cpuprofile', EXTENSIONS),
  read: readCpuprofile,
  readSource: readCpuprofile,
  write: writeCpuprofile,
}
