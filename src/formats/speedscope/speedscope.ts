import { type Format, hasExtension } from '../format.js'
import { firstKey } from '../shared/json-sniff.js'
import { readSpeedscope } from './read.js'
import { writeSpeedscope } from './write.js'

const EXTENSIONS = ['.speedscope.json']

/**
 * speedscope's own format, https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
 */
export const speedscope: Format<'speedscope'> = {
  name: 'speedscope',
  extensions: EXTENSIONS,
  sharedExtensions: ['.json'],
  detect(bytes, fileName) {
    const key = firstKey(bytes, ['profiles', 'nodes', 'head', '$profview'])
    if (key === 'profiles') return 'yes'
    return key === '' && hasExtension(fileName, EXTENSIONS) ? 'maybe' : 'no'
  },
  read: readSpeedscope,
  write: writeSpeedscope,
}
